import HTTPClient
import Kernel

/// The requests for one object, whatever its name: those of ``S3ObjectStore`` and the probe of its health check.
struct S3Objects: Sendable {
    let connection: S3Connection
    let address: S3Address
    /// Hashes away from the tasks' threads.
    let pool: WorkPool

    private var settings: S3Settings { connection.settings }

    func put(_ bytes: [UInt8], at name: String) async throws {
        let digest = try await pool.run { BodyDigest(bytes) }
        try await put(.bytes(bytes), size: bytes.count, digest, at: name)
    }

    func putFile(_ path: String, at name: String) async throws {
        let size = try await pool.run { try regularFileSize(path) }
        guard size <= settings.partBytes else {
            let upload = MultipartUpload(objects: self, name: name, path: path, size: size)
            return try await upload.run()
        }
        let digest = try await pool.run { try BodyDigest(path: path, range: 0..<size) }
        try await put(.fileRange(path, 0..<size), size: size, digest, at: name)
    }

    /// All bytes. Nobody knows yet how many; `size` sets the time that is allowed.
    func get(_ name: String, expecting size: Int = 64 << 20) async throws -> [UInt8] {
        try await connection.send(S3Call(method: .get, url: address.url(name), size: size)).body
    }

    func get(_ name: String, range: Range<Int>) async throws -> [UInt8] {
        let headers: HTTPHeaders = ["Range": "bytes=\(range.lowerBound)-\(range.upperBound - 1)"]
        let call = S3Call(method: .get, url: address.url(name), headers: headers, size: range.count)
        let response: HTTPResponse
        do {
            response = try await connection.send(call)
        } catch let problem as S3Problem where problem.status == 416 {
            throw StorageError.outOfRange(size: try await size(name))
        }
        // A server may send the whole object instead (RFC 9110, 14.2).
        guard response.status == 206 else {
            guard range.lowerBound < response.body.count else {
                throw StorageError.outOfRange(size: response.body.count)
            }
            return Array(response.body[range.clamped(to: 0..<response.body.count)])
        }
        return response.body
    }

    func head(_ name: String) async throws -> HTTPResponse {
        try await connection.send(S3Call(method: .head, url: address.url(name)))
    }

    func size(_ name: String) async throws -> Int {
        guard let size = try await head(name).headers["Content-Length"].flatMap({ Int($0) }) else {
            throw StorageError.unavailable(reason: "S3 tells no size")
        }
        return size
    }

    /// - Returns: Whether there was one. S3 answers the same to both, so it is asked before: of two that delete at the
    ///   same moment, both may hear that there was one. In a bucket with versions the old bytes stay until its
    ///   lifecycle removes them.
    func delete(_ name: String) async throws -> Bool {
        do {
            _ = try await head(name)
            _ = try await connection.send(S3Call(method: .delete, url: address.url(name)))
            return true
        } catch let problem as S3Problem where problem.isMissingObject {
            return false
        }
    }

    /// What is stored with an object when it is made.
    func creationHeaders(_ name: String) -> HTTPHeaders {
        var headers: HTTPHeaders = ["Content-Type": contentType(of: name)]
        switch settings.encryption {
        case .bucketDefault: break
        case .aes256: headers["X-Amz-Server-Side-Encryption"] = "AES256"
        case .kms(let key):
            headers["X-Amz-Server-Side-Encryption"] = "aws:kms"
            if let key { headers["X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"] = key }
        }
        return headers
    }

    private func put(_ body: HTTPRequestBody, size: Int, _ digest: BodyDigest, at name: String) async throws {
        var call = S3Call(method: .put, url: address.url(name), headers: creationHeaders(name), body: body)
        call.headers["Content-MD5"] = digest.md5.base64
        call.digest = digest.sha256
        call.size = size
        _ = try await connection.send(call)
    }
}

/// Browsers get objects by presigned URL, with the type that was stored.
private func contentType(of name: String) -> String {
    switch name.split(separator: ".").last {
    case "gif": "image/gif"
    case "jpg", "jpeg": "image/jpeg"
    case "json": "application/json"
    case "png": "image/png"
    case "webp": "image/webp"
    default: "application/octet-stream"
    }
}
