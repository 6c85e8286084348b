import Glibc

/// Wakes a thread that waits in `poll`.
final class Bell: Sendable {
    private let reading: Int32
    private let writing: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0, "pipe failed: the process has no free descriptor")
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (reading, writing) = (ends[0], ends[1])
    }

    deinit {
        Glibc.close(reading)
        Glibc.close(writing)
    }

    func ring() {
        // A full pipe will wake the thread as well.
        _ = write(writing, [1], 1)
    }

    /// Waits until the bell rings, `socket` has something to read, or `limit` is over.
    ///
    /// - Returns: Whether the socket has; `nil` when nothing happened.
    func wait(socket: Int32 = -1, atMost limit: Duration?) -> Bool? {
        var waits = [
            pollfd(fd: reading, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
        ]
        let milliseconds = limit.map { Int32($0 / .milliseconds(1)) } ?? -1
        guard poll(&waits, 2, milliseconds) > 0 else { return nil }
        var rings = [UInt8](repeating: 0, count: 64)
        if waits[0].revents != 0 { _ = read(reading, &rings, rings.count) }
        return waits[1].revents != 0
    }
}
