import Foundation
import HTTPClient
import Kernel
import TestSupport

/// An answer as a client sees it.
struct Answer: Sendable {
    let status: Int
    let headers: [String: String]
    let body: [UInt8]

    var json: JSON { (try? JSON(parsing: body)) ?? .null }
    var text: String { String(decoding: body, as: UTF8.self) }

    subscript(header name: String) -> String? { headers[name.lowercased()] }
}

/// A client of one server.
struct Client: Sendable {
    let url: String
    var token: String? = Client.token(sub: "tester")

    init(_ server: RunningServer, token: String? = Client.token(sub: "tester")) {
        url = server.url
        self.token = token
    }

    /// A token that the test server accepts.
    static func token(sub: String, claims: JSON = [:], secret: String = RunningServer.secret) -> String {
        let header = #"{"alg":"HS256","typ":"JWT"}"#
        let expires = Timestamp.now().milliseconds / 1000 + 3600
        let payload = (["sub": JSON(sub), "exp": JSON(expires)] as JSON).merging(claims)
        let message = "\(Array(header.utf8).base64URL).\(payload.bytes.base64URL)"
        let signature = Digest.hmacSHA256(Array(message.utf8), key: Array(secret.utf8))
        return "\(message).\(signature.base64URL)"
    }

    func send(
        _ method: String,
        _ path: String,
        headers: [String: String] = [:],
        body: [UInt8]? = nil,
    ) async throws -> Answer {
        guard let method = HTTPMethod(rawValue: method) else { throw URLError(.unsupportedURL) }
        var fields = HTTPHeaders()
        if let token { fields.append("Authorization", "Bearer \(token)") }
        for (name, value) in headers { fields.append(name, value) }
        let request = HTTPRequest(
            method,
            path.hasPrefix("http") ? path : url + path,
            headers: fields,
            body: body.map { .bytes($0) } ?? .none,
            timeouts: HTTPTimeouts(idle: .seconds(120), total: .seconds(120)),
            redirects: .follow(5),
            maxResponseBytes: 1 << 30,
        )
        let response = try await http.send(request)
        let named = response.headers.fields.map { ($0.name.lowercased(), $0.value) }
        return Answer(
            status: response.status,
            headers: Dictionary(named) { "\($0), \($1)" },
            body: response.body,
        )
    }

    func get(_ path: String, headers: [String: String] = [:]) async throws -> Answer {
        try await send("GET", path, headers: headers)
    }

    func delete(_ path: String) async throws -> Answer { try await send("DELETE", path) }

    /// `POST /api/v1/images/upload` as the original's clients send it.
    func upload(
        _ picture: [UInt8],
        filename: String = "picture.jpg",
        bucket: String? = "test-uploads",
        metadata: String? = nil,
        headers: [String: String] = [:],
    ) async throws -> Answer {
        let boundary = "boundary-\(UUID().uuidString)"
        var body: [UInt8] = []
        for (name, value) in [("bucket", bucket), ("metadata", metadata)] {
            guard let value else { continue }
            body += "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8
        }
        body += "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(filename)\"\r\n".utf8
        body += "Content-Type: application/octet-stream\r\n\r\n".utf8
        body += picture
        body += "\r\n--\(boundary)--\r\n".utf8
        let type = ["Content-Type": "multipart/form-data; boundary=\(boundary)"]
        return try await send(
            "POST",
            "/api/v1/images/upload",
            headers: type.merging(headers) { $1 },
            body: body,
        )
    }

    /// Follows a job to its end by long polls.
    func finished(job: String) async throws -> JSON {
        while true {
            let state = try await get("/api/v1/images/jobs/\(job)?wait=30").json
            guard let status = state["status"]?.string else { throw URLError(.cannotParseResponse) }
            if status == "completed" || status == "failed" { return state }
        }
    }

    /// Uploads and waits.
    ///
    /// - Returns: The job's last state.
    func process(_ picture: [UInt8], bucket: String = "test-uploads") async throws -> JSON {
        let accepted = try await upload(picture, bucket: bucket)
        guard accepted.status == 202, let job = accepted.json["job_id"]?.string else {
            throw NotAccepted(answer: accepted.text, status: accepted.status)
        }
        return try await finished(job: job)
    }
}

struct NotAccepted: Error {
    let answer: String
    let status: Int
}

/// Answers are never cached, so that a test sees the server and nothing else.
private let http = HTTPClient()

/// A picture that the tests of the engine carry.
func fixture(_ name: String) throws -> [UInt8] {
    let path = "\(repositoryRoot)/Tests/ImagingTests/Fixtures/\(name)"
    return Array(try Data(contentsOf: URL(filePath: path)))
}
