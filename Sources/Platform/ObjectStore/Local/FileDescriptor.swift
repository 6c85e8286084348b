import Glibc

/// A failed call of the system, before it is known what it means for the object.
struct SystemError: Error, Equatable {
    let code: Int32

    /// Of the call that has just failed on this thread.
    static var last: SystemError { SystemError(code: errno) }
}

/// An open file or folder, closed when the value goes away.
struct FileDescriptor: ~Copyable {
    let raw: Int32

    private init(_ raw: Int32) { self.raw = raw }

    deinit { close(raw) }

    /// Opens `name` below `folder`. The last part is never followed when it is a symbolic link.
    static func open(
        _ name: some StringProtocol,
        in folder: borrowing FileDescriptor,
        _ flags: Int32,
        mode: mode_t = 0,
    ) throws(SystemError) -> FileDescriptor {
        try checked(openat(folder.raw, String(name), flags | O_CLOEXEC | O_NOFOLLOW, mode))
    }

    /// Opens a path that the operator or our own program chose, so links on the way are followed.
    static func open(path: String, _ flags: Int32) throws(SystemError) -> FileDescriptor {
        try checked(Glibc.open(path, flags | O_CLOEXEC))
    }

    func duplicate() throws(SystemError) -> FileDescriptor {
        try Self.checked(fcntl(raw, F_DUPFD_CLOEXEC, 0))
    }

    /// Returns when the bytes (or, of a folder, the names) survive a power cut.
    func synchronize() throws(SystemError) {
        guard fsync(raw) == 0 else { throw .last }
    }

    func status() throws(SystemError) -> stat {
        var status = stat()
        guard fstat(raw, &status) == 0 else { throw .last }
        return status
    }

    /// The status of `name` itself, also when it is a link.
    func status(of name: some StringProtocol) throws(SystemError) -> stat {
        var status = stat()
        guard fstatat(raw, String(name), &status, AT_SYMLINK_NOFOLLOW) == 0 else { throw .last }
        return status
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(raw, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw .last
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Fills `buffer` from `offset` on, as far as the file reaches.
    ///
    /// - Returns: The bytes read.
    func read(into buffer: UnsafeMutableRawBufferPointer, from offset: Int) throws(SystemError) -> Int {
        var filled = 0
        while filled < buffer.count {
            let free = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            let count = pread(raw, free.baseAddress, free.count, off_t(offset + filled))
            if count < 0 {
                if errno == EINTR { continue }
                throw .last
            }
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    private static func checked(_ raw: Int32) throws(SystemError) -> FileDescriptor {
        guard raw >= 0 else { throw .last }
        return FileDescriptor(raw)
    }
}

extension stat {
    var isRegular: Bool { st_mode & S_IFMT == S_IFREG }
    var isFolder: Bool { st_mode & S_IFMT == S_IFDIR }
}
