internal import CCurl
import Glibc

/// Bytes that are sent, from memory or from a file. Touched by the client's thread only.
final class UploadSource {
    private enum Place {
        case memory([UInt8])
        case file(Int32)
    }

    let size: Int
    private let place: Place
    /// Where the bytes begin in the file.
    private let start: Int
    private var offset = 0

    init(_ bytes: [UInt8]) {
        place = .memory(bytes)
        start = 0
        size = bytes.count
    }

    /// Opens a regular file. Links are followed: the path is the caller's. Without a range, all of it is sent.
    init(path: String, range: Range<Int>? = nil) throws(HTTPClientError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadableBody }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            range.map({ $0.lowerBound >= 0 && $0.upperBound <= Int(status.st_size) }) ?? true
        else {
            close(descriptor)
            throw .unreadableBody
        }
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
        place = .file(descriptor)
        start = range?.lowerBound ?? 0
        size = range?.count ?? Int(status.st_size)
    }

    deinit {
        if case .file(let descriptor) = place { close(descriptor) }
    }

    /// - Returns: The bytes copied, 0 at the end; `nil` when the file cannot be read or has become shorter.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        let wanted = min(buffer.count, size - offset)
        guard wanted > 0 else { return 0 }
        switch place {
        case .memory(let bytes):
            bytes.withUnsafeBytes {
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + wanted]))
            }
            offset += wanted
            return wanted
        case .file(let descriptor):
            let count = pread(descriptor, buffer.baseAddress, wanted, off_t(start + offset))
            guard count > 0 else { return nil }
            offset += count
            return count
        }
    }

    /// Moves to a place from the beginning, for a body that must be sent again on a fresh connection.
    func seek(to place: Int) -> Bool {
        guard (0...size).contains(place) else { return false }
        offset = place
        return true
    }
}

extension UploadSource {
    var context: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    static func from(_ context: UnsafeMutableRawPointer?) -> UploadSource? {
        context.map { Unmanaged<UploadSource>.fromOpaque($0).takeUnretainedValue() }
    }
}
