import FoundationEssentials
import HTTPClient
import Kernel
import TestSupport
import Testing

/// Our signatures beside those of Amazon's own client, over requests nobody thought of.
@Suite(.timeLimit(.minutes(5))) struct BotocoreTests {
    @Test func `every kind of request is signed as botocore signs it`() async throws {
        var chance = SplitMix(state: 20_261_126)
        let cases = (0..<1500).map { _ in SigningCase(using: &chance) }
        let expected = try await botocore(cases)
        #expect(expected.count == cases.count)
        for (signed, expected) in zip(cases, expected) {
            #expect(signed.signed == expected, "\(signed.json.text)")
        }
    }

    private func botocore(_ cases: [SigningCase]) async throws -> [String] {
        let folder = try TemporaryFolder()
        let file = folder.path + "/cases.json"
        try Data(JSON(cases.map(\.json)).bytes).write(to: URL(filePath: file))
        let here = #filePath.split(separator: "/").dropLast().map { "/\($0)" }.joined()
        let python = repositoryRoot + "/.pictor/venv/bin/python3"
        try #require(FileManager.default.isExecutableFile(atPath: python), "run script/setup --test")
        let process = try ChildProcess(
            [python, "-B", here + "/botocore_signatures.py", file],
            environment: ["PATH": "/usr/bin:/bin"],
            folder: folder.path,
        )
        let line = await process.line { $0.hasPrefix("[") }
        let text = try #require(line, "\(process.output)")
        return try JSON(parsing: Array(text.utf8)).array?.compactMap(\.string) ?? []
    }
}

/// A request made by chance, with what makes signing hard.
private struct SigningCase {
    let method: HTTPMethod
    let endpoint: String
    let key: String
    let query: [(String, String)]
    let headers: [(String, String)]
    /// `nil` leaves the body out of the signature.
    let body: String?
    /// `nil` signs the headers, a number of seconds the URL.
    let expires: Int?
    let token: String?
    let region: String
    let time: Int

    init(using chance: inout SplitMix) {
        func one<Value>(_ values: [Value]) -> Value { values[Int.random(in: values.indices, using: &chance)] }
        func text(_ length: ClosedRange<Int>) -> String {
            let alphabet = Array("abcXYZ019-_.~ +%&=?#/;:@!$'()*,<>[]\"\\^`{|}äß€漢😀")
            return String((0..<Int.random(in: length, using: &chance)).map { _ in one(alphabet) })
        }
        method = one([.get, .head, .put, .post, .delete])
        endpoint = one([
            "http://127.0.0.1:9000", "https://bucket.s3.eu-central-1.amazonaws.com", "https://s3.example.com:443",
            "http://s3.example.com:80", "https://s3.example.com:8443", "http://S3.Example.com",
        ])
        key = one(["", "a//b", "//", text(0...24), "folder/" + text(1...12)])
        query = (0..<Int.random(in: 0...4, using: &chance)).map { index in
            (["uploads", "list-type", "prefix", "Z"][index] + text(0...3), one(["", text(1...9)]))
        }
        headers = [
            ("Content-Type", "image/webp"), ("X-Amz-Meta-Name", "  a   b\tc  "), ("X-Amz-Meta-Empty", ""),
            ("x-amz-server-side-encryption", "aws:kms"), ("Range", "bytes=0-9"), ("User-Agent", "Pictor"),
            ("X-AMZ-Meta-Twice", "b"), ("x-amz-meta-twice", "a, c"), ("traceparent", "00-ab-cd-01"),
            ("Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg=="),
        ].filter { _ in Bool.random(using: &chance) }
        expires = Bool.random(using: &chance) ? Int.random(in: 1...604_800, using: &chance) : nil
        body = expires == nil && Bool.random(using: &chance) ? text(0...40) : nil
        token = Bool.random(using: &chance) ? "token/+==" + text(0...9).filter(\.isASCII) : nil
        region = one(["us-east-1", "auto", "eu-central-1"])
        time = Int.random(in: 0...4_000_000_000, using: &chance)
    }

    var signed: String {
        let pairs = query.map { "\(percentEncoded($0.0))=\(percentEncoded($0.1))" }.joined(separator: "&")
        let url = "\(endpoint)/\(percentEncoded(key, keepingSlashes: true))" + (pairs.isEmpty ? "" : "?" + pairs)
        var fields = HTTPHeaders()
        for (name, value) in headers { fields.append(name, value) }
        let credentials = SigV4Credentials(
            accessKey: "AKIDEXAMPLE",
            secretKey: Secret("wJalr/+EXAMPLE"),
            sessionToken: token.map { Secret($0) },
        )
        let signer = SigV4Signer(credentials, region: region)
        let moment = Timestamp(milliseconds: Int64(time) * 1000)
        if let expires {
            return signer.presign(method, url, headers: fields, expires: .seconds(expires), at: moment)
        }
        let payload = body.map { SigV4Payload.sha256(Digest.sha256($0.utf8)) } ?? .unsigned
        let request = signer.sign(HTTPRequest(method, url, headers: fields), payload: payload, at: moment)
        let parts = ["X-Amz-Date", "X-Amz-Content-Sha256", "Authorization"].map { request.headers[$0] ?? "-" }
        return ([url] + parts).joined(separator: " ")
    }

    var json: JSON {
        var json: [(String, JSON)] = [
            ("method", JSON(method.rawValue)), ("endpoint", JSON(endpoint)), ("key", JSON(key)),
            ("query", JSON(query.map { JSON([$0.0, $0.1]) })), ("headers", JSON(headers.map { JSON([$0.0, $0.1]) })),
            ("access", "AKIDEXAMPLE"), ("secret", "wJalr/+EXAMPLE"), ("region", JSON(region)), ("time", JSON(time)),
        ]
        if let body { json.append(("body", JSON(body))) }
        if let expires { json.append(("expires", JSON(expires))) }
        if let token { json.append(("token", JSON(token))) }
        return .object(json)
    }
}
