import Glibc
import Kernel

/// A file held open for sending; closed when the last holder is gone.
///
/// It stays readable when its name is deleted or replaced meanwhile: who began a download gets all of it.
package final class OpenFile: Sendable {
    let descriptor: Int32
    /// Length in bytes when it was opened.
    package let size: Int
    /// Nanoseconds since the epoch of the last change.
    let modifiedNanoseconds: Int

    /// - Throws: ``HTTPError/notFound`` when there is no regular file at `path` that can be read.
    package init(path: String) throws(HTTPError) {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .notFound }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .notFound
        }
        self.descriptor = descriptor
        size = Int(status.st_size)
        modifiedNanoseconds = status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
    }

    deinit { close(descriptor) }

    package var modified: Timestamp { Timestamp(milliseconds: Int64(modifiedNanoseconds / 1_000_000)) }

    /// Reads up to `count` bytes from `offset`; fewer only at the end of the file.
    func read(from offset: Int, count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                let length = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + filled))
                guard length >= 0 || errno == EINTR else { throw ConnectionClosed() }
                if length == 0 { return }
                filled += max(0, length)
            }
        }
    }
}

/// A part of an open file.
package struct FileBody: Sendable {
    package let file: OpenFile
    package let offset: Int
    package let length: Int

    package init(file: OpenFile, offset: Int, length: Int) {
        self.file = file
        self.offset = offset
        self.length = length
    }

    /// All bytes of the part.
    package func read() throws -> [UInt8] { try file.read(from: offset, count: length) }
}
