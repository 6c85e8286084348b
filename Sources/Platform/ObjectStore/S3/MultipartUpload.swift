import HTTPClient
import Kernel
import Telemetry

/// Sends a large file in parts, several at a time, each straight from the disk. The object appears when all are there.
struct MultipartUpload: Sendable {
    let objects: S3Objects
    let name: String
    let path: String
    let size: Int
    /// Tells this upload's object from any other under the same name.
    private let mark = Digest.randomBytes(16).hexadecimal

    private static let markHeader = "X-Amz-Meta-Upload"

    private var connection: S3Connection { objects.connection }

    init(objects: S3Objects, name: String, path: String, size: Int) {
        self.objects = objects
        self.name = name
        self.path = path
        self.size = size
    }

    func run() async throws {
        let upload = try await create()
        do {
            try await complete(upload, try await sendParts(upload))
        } catch {
            // In a task of its own, because this one may be cancelled. What cannot be removed now is left to the
            // bucket's lifecycle rule.
            await Task { await abort(upload) }.value
            throw error
        }
    }

    private func create() async throws -> String {
        var headers = objects.creationHeaders(name)
        headers[Self.markHeader] = mark
        let call = S3Call(method: .post, url: url([("uploads", nil)]), headers: headers)
        guard let id = XMLElement(try await connection.send(call).body)?["UploadId"], !id.isEmpty else {
            throw StorageError.unavailable(reason: "S3 gives no id for an upload in parts")
        }
        return id
    }

    /// - Returns: The entity tag of each part, in order.
    private func sendParts(_ upload: String) async throws -> [String] {
        let ranges = partRanges(size: size, partBytes: connection.settings.partBytes)
        var tags = [String](repeating: "", count: ranges.count)
        try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for (index, range) in ranges.enumerated() {
                if index >= max(1, connection.settings.parallelParts), let done = try await group.next() {
                    tags[done.0] = done.1
                }
                group.addTask { (index, try await sendPart(index + 1, range, upload)) }
            }
            for try await done in group { tags[done.0] = done.1 }
        }
        return tags
    }

    private func sendPart(_ number: Int, _ range: Range<Int>, _ upload: String) async throws -> String {
        let digest = try await objects.pool.run { [path] in try BodyDigest(path: path, range: range) }
        let call = S3Call(
            method: .put,
            url: url([("partNumber", "\(number)"), ("uploadId", upload)]),
            headers: ["Content-MD5": digest.md5.base64],
            body: .fileRange(path, range),
            digest: digest.sha256,
            size: range.count,
        )
        guard let tag = try await connection.send(call).headers["ETag"] else {
            throw StorageError.unavailable(reason: "S3 gives no tag for a part")
        }
        return tag
    }

    /// S3 may answer 200 first and find out later that it failed: only the document tells.
    private func complete(_ upload: String, _ tags: [String]) async throws {
        let parts = tags.enumerated().map { index, tag in
            "<Part><PartNumber>\(index + 1)</PartNumber><ETag>\(xmlEscaped(tag))</ETag></Part>"
        }
        let body = Array("<CompleteMultipartUpload>\(parts.joined())</CompleteMultipartUpload>".utf8)
        let call = S3Call(
            method: .post,
            url: url([("uploadId", upload)]),
            headers: ["Content-Type": "application/xml"],
            body: .bytes(body),
            digest: Digest.sha256(body),
            size: size,  // the server joins the parts before it answers
        )
        do {
            _ = try await connection.send(call) { response in
                response.isSuccess && XMLElement(response.body)?.name == "CompleteMultipartUploadResult"
            }
        } catch let problem as S3Problem where problem.code == "NoSuchUpload" {
            // The answer to an earlier try was lost, and that try had completed it.
            guard (try? await objects.head(name))?.headers[Self.markHeader] == mark else { throw problem }
        }
    }

    private func abort(_ upload: String) async {
        let call = S3Call(method: .delete, url: url([("uploadId", upload)]))
        do { _ = try await connection.send(call) } catch {
            connection.log.warning("upload in parts could not be removed", ["error": "\(error)"])
        }
    }

    private func url(_ query: [(String, String?)]) -> String { objects.address.url(name, query) }
}

/// Equal parts but for the last. S3 takes 10,000 of them, so those of a huge file are larger.
func partRanges(size: Int, partBytes: Int) -> [Range<Int>] {
    let part = max(partBytes, (size + 9_999) / 10_000)
    return stride(from: 0, to: size, by: part).map { $0..<min($0 + part, size) }
}
