import Accounts
import HTTPServer
import Kernel
import Testing

@testable import Images

/// What a client gets.
struct Answer: Sendable {
    let status: Int
    let headers: Headers
    let body: [UInt8]

    var json: JSON { (try? JSON(parsing: body)) ?? .null }
    var text: String { String(decoding: body, as: UTF8.self) }
    /// The names of the members.
    var fields: Set<String> { json.fields }

    subscript(header name: String) -> String? { headers[name] }
}

extension JSON {
    var fields: Set<String> { if case .object(let members) = self { Set(members.map(\.key)) } else { [] } }
}

extension House {
    /// `POST /api/v1/images/upload` as the original's clients send it.
    func upload(
        _ picture: [UInt8],
        bucket: String? = "test-uploads",
        metadata: String? = nil,
        lenient: String? = nil,
        filename: String = "picture.png",
        key: String? = nil,
        by principal: Principal? = .alice,
    ) async throws -> Answer {
        var form: [UInt8] = []
        for (name, value) in [("bucket", bucket), ("metadata", metadata), ("lenient", lenient)] {
            guard let value else { continue }
            form += "--limit\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8
        }
        form += "--limit\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(filename)\"\r\n\r\n".utf8
        form += picture + Array("\r\n--limit--\r\n".utf8)
        var headers: Headers = ["Content-Type": "multipart/form-data; boundary=limit"]
        if let key { headers["Idempotency-Key"] = key }
        return try await send(.post, "/api/v1/images/upload", by: principal, headers: headers, body: form)
    }

    /// Uploads and follows the job to its end.
    func process(
        _ picture: [UInt8],
        bucket: String = "test-uploads",
        metadata: String? = nil,
        by principal: Principal? = .alice,
    ) async throws -> JSON {
        let accepted = try await upload(picture, bucket: bucket, metadata: metadata, by: principal)
        try #require(accepted.status == 202, "\(accepted.text)")
        return try await finished(try accepted.id("job_id"), by: principal)
    }

    /// The state of a job that has come to its end.
    func finished(_ job: String, by principal: Principal? = .alice) async throws -> JSON {
        while true {
            let state = try await get("/api/v1/images/jobs/\(job)?wait=60", by: principal).json
            if ["completed", "failed"].contains(try #require(state["status"]?.string)) { return state }
        }
    }
}

extension Answer {
    func id(_ field: String) throws -> String { try #require(json[field]?.string, "\(text)") }
}

extension JSON {
    func id(_ field: String) throws -> String { try #require(self[field]?.string, "\(text)") }
}
