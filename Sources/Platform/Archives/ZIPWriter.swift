internal import CArchive
import Glibc
import Synchronization

/// Makes a ZIP archive, one file after the other: each call gives the bytes that come next, so that an archive of any
/// size can be sent while it is made.
///
/// Everything is checksummed and may be deflated: call it on a work pool.
package final class ZIPWriter: Sendable {
    private let handle: Mutex<WriteHandle>

    package init() { handle = Mutex(WriteHandle()) }

    /// Adds a file.
    ///
    /// - Parameters:
    ///   - name: With slashes between folders, and like no other in the archive.
    ///   - bytes: The content.
    ///   - deflates: Whether it shrinks: pictures do not.
    ///   - modified: In seconds since the epoch.
    /// - Returns: What the archive continues with.
    package func add(_ name: String, _ bytes: [UInt8], deflates: Bool, modified: Int64) -> [UInt8] {
        handle.withLock { handle in
            handle.add(name, bytes, deflates: deflates, modified: modified)
            return handle.taken()
        }
    }

    /// Ends the archive and returns its last bytes; nothing may follow.
    package func finish() -> [UInt8] {
        handle.withLock { handle in
            handle.finish()
            return handle.taken()
        }
    }
}

/// What the archive's C side appends to.
private final class Output {
    var bytes: [UInt8] = []
}

/// libarchive's way out; its context is the output of a handle.
private func append(
    _ archive: OpaquePointer?,
    _ context: UnsafeMutableRawPointer?,
    _ bytes: UnsafeRawPointer?,
    _ count: Int,
) -> Int {
    guard let context, let bytes else { return 0 }
    let output = Unmanaged<Output>.fromOpaque(context).takeUnretainedValue()
    output.bytes.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: count))
    return count
}

/// libarchive's writer, freed with the value.
private struct WriteHandle: ~Copyable {
    private let archive: OpaquePointer
    /// Kept alive by this value, which outlives the archive's last call.
    private let output = Output()

    init() {
        guard let archive = archive_write_new() else { preconditionFailure("out of memory") }
        self.archive = archive
        archive_write_set_format_zip(archive)
        // No padding to a tape's block, and no waiting for a full one.
        archive_write_set_bytes_per_block(archive, 0)
        let context = Unmanaged.passUnretained(output).toOpaque()
        archive_write_open2(archive, context, nil, append, nil, nil)
    }

    deinit { archive_write_free(archive) }

    func add(_ name: String, _ bytes: [UInt8], deflates: Bool, modified: Int64) {
        guard let entry = archive_entry_new() else { preconditionFailure("out of memory") }
        defer { archive_entry_free(entry) }
        carchive_set_file(entry)
        archive_entry_set_perm(entry, 0o644)
        archive_entry_set_size(entry, Int64(bytes.count))
        archive_entry_set_mtime(entry, time_t(modified), 0)
        if deflates {
            archive_write_zip_set_compression_deflate(archive)
        } else {
            archive_write_zip_set_compression_store(archive)
        }
        let code = carchive_begin(archive, entry, name)
        precondition(code == ARCHIVE_OK || code == ARCHIVE_WARN, "memory takes every entry")
        let written = bytes.withUnsafeBytes { archive_write_data(archive, $0.baseAddress, $0.count) }
        precondition(written == bytes.count, "memory takes every byte")
    }

    func finish() { archive_write_close(archive) }

    /// What was written since the last call.
    func taken() -> [UInt8] {
        defer { output.bytes = [] }
        return output.bytes
    }
}
