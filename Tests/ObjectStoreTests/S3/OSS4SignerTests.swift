import HTTPClient
import Kernel
import TestSupport
import Testing

@testable import ObjectStore

/// The links that Alibaba's own SDK makes (oss2 2.19.1, `ProviderAuthV4`, the clock held at 2026-11-27T04:05:06Z).
@Suite struct OSS4SignerTests {
    struct Vector: Sendable {
        let method: HTTPMethod
        let path: String
        var token: String?
        let signature: String
    }

    static let vectors = [
        Vector(
            method: .get,
            path: "memes/2026/monday%20one.jpg",
            signature: "a7a1bdacfa28443db4468148a811106a1ca98fd3455059a99e1b01054fbd5c92",
        ),
        Vector(
            method: .put,
            path: "%E4%B8%80/~a_b-c.d%3De",
            signature: "907fbe38e82c5e669fa1da0d0e3b3b4854832330d1f4e5e845dacdf722e98601",
        ),
        Vector(
            method: .get,
            path: "memes/2026/monday%20one.jpg",
            token: "a+session/token=",
            signature: "89b904ac9d03e1b0cb6a6747096aaa370d7b93a4da27578d16332618becee37b",
        ),
        Vector(
            method: .put,
            path: "%E4%B8%80/~a_b-c.d%3De",
            token: "a+session/token=",
            signature: "87efe48e52ecbf980e1bc27028fc67f45c304ff06fbb5895416ee17b22381a18",
        ),
    ]

    @Test(arguments: vectors) func linkIsTheOneOfTheSDK(_ vector: Vector) throws {
        let credentials = SigV4Credentials(
            accessKey: "LTAIexampleKey",
            secretKey: Secret("exampleSecretKey"),
            sessionToken: vector.token.map { Secret($0) },
        )
        let url = "https://examplebucket.oss-cn-hangzhou.aliyuncs.com/\(vector.path)"
        let link = OSS4Signer(credentials: credentials, region: "cn-hangzhou").presign(
            vector.method,
            url,
            resource: "/examplebucket/\(vector.path)",
            expires: .seconds(3600),
            at: try #require(Timestamp(rfc3339: "2026-11-27T04:05:06Z")),
        )
        let parts = link.split(separator: "?")
        #expect(parts[0] == url)
        var fields: Set<Substring> = [
            "x-oss-credential=LTAIexampleKey%2F20261127%2Fcn-hangzhou%2Foss%2Faliyun_v4_request",
            "x-oss-date=20261127T040506Z", "x-oss-expires=3600", "x-oss-signature-version=OSS4-HMAC-SHA256",
            "x-oss-signature=\(vector.signature)",
        ]
        if vector.token != nil { fields.insert("x-oss-security-token=a%2Bsession%2Ftoken%3D") }
        #expect(Set(parts[1].split(separator: "&")) == fields)
    }

    private func settings() -> S3Settings {
        let credentials = SigV4Credentials(accessKey: "LTAIexampleKey", secretKey: Secret("exampleSecretKey"))
        let endpoint = "https://s3.oss-cn-hangzhou.aliyuncs.com"
        var settings = S3Settings(
            endpoint: endpoint,
            bucket: "examplebucket",
            region: "oss-cn-hangzhou",
            credentials: credentials,
        )
        settings.publicEndpoint = "https://oss-cn-hangzhou.aliyuncs.com"
        settings.linkSignature = .oss4
        settings.usesPathStyle = false
        settings.prefix = "memes"
        return settings
    }

    @Test func storesGiveSuchLinksToBrowsers() async throws {
        let moment = try #require(Timestamp(rfc3339: "2026-11-27T04:00:00Z"))
        let store = try S3ObjectStore(settings: settings(), client: HTTPClient(), time: ManualTime(moment))
        let link = try #require(try await store.presign(key("a/b.webp"), expires: .seconds(3600)))
        #expect(link.hasPrefix("https://examplebucket.oss-cn-hangzhou.aliyuncs.com/memes/a/b.webp?x-oss-credential="))
        let signed = OSS4Signer(credentials: settings().credentials, region: "cn-hangzhou").presign(
            .get,
            "https://examplebucket.oss-cn-hangzhou.aliyuncs.com/memes/a/b.webp",
            resource: "/examplebucket/memes/a/b.webp",
            expires: .seconds(3600),
            at: moment,
        )
        #expect(link == signed)
    }

    @Test func bucketsInThePathAreRefused() {
        var settings = settings()
        #expect(settings.problem == nil)
        settings.usesPathStyle = true
        #expect(settings.problem?.contains("path_style must be false") == true)
    }
}
