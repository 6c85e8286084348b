import Glibc
import Kernel

/// What the server checks the bytes of a body against.
struct BodyDigest: Sendable {
    /// Signed, so nobody on the way can change the bytes; checked by Amazon and most others.
    let sha256: [UInt8]
    /// For `Content-MD5`, which every implementation checks.
    let md5: [UInt8]

    init(_ bytes: [UInt8]) {
        var sha256 = SHA256Stream()
        var md5 = MD5Stream()
        bytes.withUnsafeBytes {
            sha256.update($0)
            md5.update($0)
        }
        self.sha256 = sha256.finalize()
        self.md5 = md5.finalize()
    }

    /// Reads `range` of the file. Blocks.
    init(path: String, range: Range<Int>) throws(SystemError) {
        let file = try FileDescriptor.open(path: path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var sha256 = SHA256Stream()
        var md5 = MD5Stream()
        var offset = range.lowerBound
        while offset < range.upperBound {
            let wanted = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(range.upperBound - offset))
            let count = try file.read(into: wanted, from: offset)
            guard count > 0 else { throw SystemError(code: EIO) }
            let piece = UnsafeRawBufferPointer(rebasing: wanted[..<count])
            sha256.update(piece)
            md5.update(piece)
            offset += count
        }
        self.sha256 = sha256.finalize()
        self.md5 = md5.finalize()
    }
}

/// The size of the regular file at `path`, which is not followed when it is a link.
func regularFileSize(_ path: String) throws(SystemError) -> Int {
    let status = try FileDescriptor.open(path: path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).status()
    guard status.isRegular else { throw SystemError(code: EINVAL) }
    return Int(status.st_size)
}
