internal import CArchive
import Glibc

/// libarchive's reader of a file, freed with the value.
struct ReadHandle: ~Copyable {
    enum Kind {
        case file, folder, other
    }

    private static let chunk = 64 * 1024
    private let archive: OpaquePointer
    /// A copy of an archive in memory, which libarchive reads until it is freed.
    private let memory: UnsafeMutableRawBufferPointer

    init(path: String) throws(ArchiveError) {
        archive = Self.reader()
        memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 0, alignment: 1)
        guard archive_read_open_filename(archive, path, Self.chunk) == ARCHIVE_OK else { throw .notAnArchive }
    }

    init(bytes: [UInt8]) throws(ArchiveError) {
        archive = Self.reader()
        memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        memory.copyBytes(from: bytes)
        guard archive_read_open_memory(archive, memory.baseAddress, memory.count) == ARCHIVE_OK else {
            throw .notAnArchive
        }
    }

    private static func reader() -> OpaquePointer {
        guard let archive = archive_read_new() else { preconditionFailure("out of memory") }
        // Only what the directory at the end names counts: what stands between is not for anyone.
        archive_read_support_format_zip_seekable(archive)
        return archive
    }

    deinit {
        archive_read_free(archive)
        memory.deallocate()
    }

    /// - Returns: `nil` at the end.
    func next() throws(ArchiveError) -> (name: String, kind: Kind, size: Int, isEncrypted: Bool)? {
        var entry: OpaquePointer?
        var name: UnsafePointer<CChar>?
        let code = carchive_next(archive, &entry, &name)
        if code == ARCHIVE_EOF { return nil }
        // It was opened, so it is an archive.
        guard code == ARCHIVE_OK || code == ARCHIVE_WARN, let entry else { throw .damaged(name: nil) }
        let kind: Kind = carchive_is_file(entry) ? .file : carchive_is_folder(entry) ? .folder : .other
        let isEncrypted = archive_entry_is_encrypted(entry) != 0
        return (name.map { String(cString: $0) } ?? "", kind, Int(archive_entry_size(entry)), isEncrypted)
    }

    /// Appends the next bytes of the entry.
    ///
    /// - Returns: `false` at its end.
    func read(into bytes: inout [UInt8], _ name: String) throws(ArchiveError) -> Bool {
        let count = withUnsafeTemporaryAllocation(byteCount: Self.chunk, alignment: 1) { buffer in
            let count = archive_read_data(archive, buffer.baseAddress, buffer.count)
            if count > 0 { bytes.append(contentsOf: buffer[..<count]) }
            return count
        }
        // A warning is a wrong checksum or length: no better than what cannot be unpacked.
        guard count >= 0 else { throw .damaged(name: name) }
        return count > 0
    }
}

/// - Throws: ``ArchiveError/unreadable`` when there is no such file.
func fileSize(_ path: String) throws(ArchiveError) -> Int {
    var status = stat()
    guard stat(path, &status) == 0 else { throw .unreadable }
    return Int(status.st_size)
}
