import Kernel

/// A form as it was sent: fields in memory, files in memory or, past 64 KiB, on disk.
package struct MultipartForm: Sendable {
    /// Names and values in the order sent.
    package fileprivate(set) var fields: [(name: String, value: String)] = []
    /// Files in the order sent.
    package fileprivate(set) var files: [UploadedFile] = []

    /// The first field of that name.
    package func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }
    /// The first file of that name.
    package func file(_ name: String) -> UploadedFile? { files.first { $0.name == name } }
    /// All files of that name.
    package func files(_ name: String) -> [UploadedFile] { files.filter { $0.name == name } }
}

extension Request {
    /// Reads the body as multipart/form-data while it arrives.
    ///
    /// What is too much is refused before it is stored. `spoolFolder` is an existing folder, for files past
    /// `limits.maxMemoryBytes`.
    ///
    /// - Throws: ``HTTPError``: 415 when the body is no form, 411 without any body, 413 for a file or body that is too
    ///   long, 422 for a field that is too long or no UTF-8, 400 for too many parts or a broken form, 507 when the
    ///   folder takes no more.
    package func multipart(
        _ limits: MultipartLimits = MultipartLimits(),
        spoolFolder: String,
    ) async throws
        -> MultipartForm
    {
        let contentType = HeaderParameters(headers["Content-Type"] ?? "")
        guard contentType.value == "multipart/form-data", let boundary = contentType["boundary"],
            (1...70).contains(boundary.utf8.count)
        else { throw HTTPError.unsupportedMediaType(expected: "multipart/form-data with a boundary") }
        guard !body.isEmpty else {
            throw headers.contains("Content-Length") ? HTTPError.badRequest("The form is empty.") : .lengthRequired
        }
        var parser = MultipartParser(boundary: boundary)
        var collector = FormCollector(limits: limits, folder: spoolFolder)
        while !parser.isComplete, let bytes = try await body.next() {
            for event in try parser.feed(bytes) { try await collector.take(event) }
        }
        guard parser.isComplete else { throw HTTPError.badRequest("The form ends before its closing boundary.") }
        while try await body.next() != nil {}  // what follows the closing boundary is dropped (RFC 2046, 5.1.1)
        return collector.form
    }
}

/// Turns the parser's events into fields and files, and counts.
private struct FormCollector {
    private(set) var form = MultipartForm()
    private let limits: MultipartLimits
    private let folder: String
    private var headers: PartHeaders?
    private var pending: [UInt8] = []
    private var size = 0
    private var spool: SpoolFile?
    /// Written together: a hop to the spool's threads costs as much as copying this much.
    private let writeBytes = 262_144

    init(limits: MultipartLimits, folder: String) {
        self.limits = limits
        self.folder = folder
    }

    mutating func take(_ event: MultipartParser.Event) async throws {
        switch event {
        case .began(let headers): try begin(headers)
        case .data(let bytes): try await add(bytes)
        case .ended: try await end()
        }
    }

    private mutating func begin(_ part: PartHeaders) throws {
        guard form.fields.count + form.files.count < limits.maxParts else {
            throw HTTPError.badRequest("The form has too many parts. Send at most \(limits.maxParts).")
        }
        headers = part
        size = 0
        pending = []
    }

    private mutating func add(_ bytes: ArraySlice<UInt8>) async throws {
        guard let headers else { return }
        size += bytes.count
        guard headers.filename != nil else {
            guard size <= limits.maxFieldBytes else {
                throw HTTPError.invalidParameter(
                    name: headers.name,
                    reason: "Use at most \(limits.maxFieldBytes) bytes.",
                )
            }
            return pending += bytes
        }
        guard size <= limits.maxFileBytes else { throw HTTPError.contentTooLarge(limitBytes: limits.maxFileBytes) }
        pending += bytes
        let isFull = pending.count >= writeBytes || (spool == nil && pending.count > limits.maxMemoryBytes)
        if isFull { try await flush() }
    }

    private mutating func flush() async throws {
        let bytes = pending
        pending = []
        let (known, folder) = (spool, folder)
        spool = try await spoolPool.run {
            let file = try known ?? SpoolFile(in: folder)
            try file.write(bytes)
            return file
        }
    }

    private mutating func end() async throws {
        guard let headers else { return }
        if headers.filename != nil {
            if spool != nil, !pending.isEmpty { try await flush() }
            form.files.append(UploadedFile(headers, size: size, bytes: pending, spool: spool))
        } else {
            guard let value = String(validating: pending, as: UTF8.self) else {
                throw HTTPError.invalidParameter(name: headers.name, reason: "Send it as UTF-8.")
            }
            form.fields.append((headers.name, value))
        }
        self.headers = nil
        pending = []
        spool = nil
    }
}
