import Kernel

/// A file that came in a form. What was spooled to disk is removed when the last copy of the value is gone.
package struct UploadedFile: Sendable {
    /// Where the bytes are until the value is gone.
    package enum Storage: Sendable {
        case memory([UInt8])
        /// The absolute path. Move the file away to keep it; it is removed with the value otherwise.
        case file(path: String)
    }

    /// The form field it was sent as.
    package let name: String
    /// As the sender calls it, without folders; may be empty. Never use it as a path.
    package let filename: String
    /// As the sender says; never believe it.
    package let declaredContentType: String?
    /// Length in bytes.
    package let size: Int
    package let storage: Storage
    private let spool: SpoolFile?

    init(_ headers: PartHeaders, size: Int, bytes: [UInt8], spool: SpoolFile?) {
        name = headers.name
        filename = headers.filename ?? ""
        declaredContentType = headers.contentType
        self.size = size
        self.spool = spool
        storage = spool.map { .file(path: $0.path) } ?? .memory(bytes)
    }

    /// A file that came in no form, for tests and for calls within the process.
    package init(name: String = "file", filename: String, declaredContentType: String? = nil, bytes: [UInt8]) {
        self.name = name
        self.filename = filename
        self.declaredContentType = declaredContentType
        size = bytes.count
        storage = .memory(bytes)
        spool = nil
    }

    /// A file of this machine, which came in no form and stays where it is.
    ///
    /// - Throws: ``HTTPError/notFound`` when there is none that can be read.
    package init(path: String) throws(HTTPError) {
        size = try OpenFile(path: path).size
        name = "file"
        filename = path.split(separator: "/").last.map(String.init) ?? path
        declaredContentType = nil
        storage = .file(path: path)
        spool = nil
    }

    /// The first bytes, up to `count`. Reads the disk: call it on a work pool.
    ///
    /// - Throws: ``HTTPError/notFound`` when the spooled file was moved away.
    package func beginning(_ count: Int = 512) throws -> [UInt8] {
        switch storage {
        case .memory(let bytes): Array(bytes.prefix(count))
        case .file(let path): try OpenFile(path: path).read(from: 0, count: min(count, size))
        }
    }

    /// The whole content. Reads the disk: call it on a work pool.
    ///
    /// - Throws: ``HTTPError/notFound`` when the spooled file was moved away.
    package func bytes() throws -> [UInt8] {
        switch storage {
        case .memory(let bytes): bytes
        case .file(let path): try OpenFile(path: path).read(from: 0, count: size)
        }
    }
}
