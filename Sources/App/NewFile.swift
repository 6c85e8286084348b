import Glibc

/// A file that appears under its name when it is complete: a command that is broken off leaves nothing that looks done.
final class NewFile: Sendable {
    private let path: String
    private let unfinished: String
    private let descriptor: Int32

    /// - Throws: ``CommandFailure`` when it cannot be written.
    init(at path: String) throws(CommandFailure) {
        self.path = path
        unfinished = "\(path).part"
        descriptor = open(unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw CommandFailure("cannot write \(path)") }
    }

    deinit {
        close(descriptor)
        unlink(unfinished)
    }

    /// Appends bytes.
    ///
    /// - Throws: ``CommandFailure`` when the disk takes no more.
    func write(_ bytes: [UInt8]) throws(CommandFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard written > 0 || errno == EINTR else {
                throw CommandFailure("cannot write \(path): \(String(cString: strerror(errno)))")
            }
            rest = rest.dropFirst(max(0, written))
        }
    }

    /// Gives the file its name.
    ///
    /// - Returns: How many bytes it has.
    /// - Throws: ``CommandFailure`` when that cannot be done.
    func finish() throws(CommandFailure) -> Int {
        let size = lseek(descriptor, 0, SEEK_END)
        guard fsync(descriptor) == 0, rename(unfinished, path) == 0 else {
            throw CommandFailure("cannot write \(path)")
        }
        return Int(size)
    }
}
