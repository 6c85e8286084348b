import HTTPClient
import Kernel
import Testing

/// The examples that Amazon publishes with their signatures.
/// Source: Amazon S3 API Reference, "Signature Calculations for the Authorization Header" and "Authenticating Requests:
/// Using Query Parameters".
@Suite struct SigV4SignerTests {
    private let signer = SigV4Signer(
        SigV4Credentials(
            accessKey: "AKIAIOSFODNN7EXAMPLE",
            secretKey: Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        ),
        region: "us-east-1",
    )
    private let moment = Timestamp(milliseconds: 1_369_353_600_000)  // 2013-05-24T00:00:00Z
    private let host = "https://examplebucket.s3.amazonaws.com"

    private func signature(_ request: HTTPRequest, _ body: String = "") -> String? {
        let signed = signer.sign(request, payload: .sha256(Digest.sha256(body.utf8)), at: moment)
        return signed.headers["Authorization"]?.split(separator: "=").last.map(String.init)
    }

    @Test func `the published GET with a range`() {
        let request = HTTPRequest(.get, host + "/test.txt", headers: ["Range": "bytes=0-9"])
        #expect(signature(request) == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
    }

    @Test func `the published PUT`() {
        let headers: HTTPHeaders = [
            "Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY",
        ]
        let request = HTTPRequest(.put, host + "/" + percentEncoded("test$file.text"), headers: headers)
        #expect(
            signature(request, "Welcome to Amazon S3.")
                == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
        )
    }

    @Test func `the published GET of a setting and of a listing`() {
        #expect(
            signature(HTTPRequest(.get, host + "/?lifecycle"))
                == "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
        )
        #expect(
            signature(HTTPRequest(.get, host + "/?prefix=J&max-keys=2"))
                == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
        )
    }

    @Test func `the published presigned URL`() {
        let url = signer.presign(.get, host + "/test.txt", expires: .seconds(86_400), at: moment)
        #expect(url.hasSuffix("X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"))
    }

    @Test func `a URL expires after a second at the earliest and a week at the latest`() {
        #expect(signer.presign(.get, host, expires: .zero, at: moment).contains("X-Amz-Expires=1&"))
        #expect(signer.presign(.get, host, expires: .seconds(9e9), at: moment).contains("X-Amz-Expires=604800&"))
    }

    @Test func `no secret is in what is signed or printed`() {
        let signed = signer.sign(HTTPRequest(.get, host), payload: .unsigned, at: moment)
        #expect(!"\(signed) \(signer)".contains("wJalr"))
        #expect(signed.headers["X-Amz-Content-Sha256"] == "UNSIGNED-PAYLOAD")
    }
}
