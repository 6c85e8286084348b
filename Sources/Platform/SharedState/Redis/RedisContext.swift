internal import CHiredis
import Glibc
import Kernel

/// A connection, for one thread. Any error but an answer with an error makes it useless.
struct RedisContext: ~Copyable {
    private let pointer: UnsafeMutablePointer<redisContext>

    private init(_ pointer: UnsafeMutablePointer<redisContext>) { self.pointer = pointer }
    deinit { redisFree(pointer) }

    /// Connects, signs in, chooses the database and hears an answer. `timeout` is for the connecting, and then for each
    /// time that nothing moves on the connection. Throws ``RedisError/away(_:)`` only.
    static func connect(_ address: RedisAddress, timeout: Duration) throws(RedisError) -> RedisContext {
        let limit = timeval(
            tv_sec: Int(timeout.components.seconds),
            tv_usec: Int(timeout.components.attoseconds / 1_000_000_000_000),
        )
        let opened =
            switch address.place {
            case .tcp(let host, let port): redisConnectWithTimeout(host, Int32(port), limit)
            case .unix(let path): redisConnectUnixWithTimeout(path, limit)
            }
        guard let opened else { throw .away("no memory") }
        let context = RedisContext(opened)
        guard opened.pointee.err == 0 else { throw .away(context.reason) }
        redisSetTimeout(opened, limit)
        if case .tcp = address.place { redisEnableKeepAlive(opened) }
        try context.greet(address)
        return context
    }

    /// The socket, to wait on.
    var socket: Int32 { pointer.pointee.fd }

    /// Whether something came though nothing was asked: the other side has closed, or says why it will.
    var isStale: Bool {
        var wait = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        return poll(&wait, 1, 0) != 0
    }

    /// Puts a command behind those that wait to be sent.
    func append(_ command: RedisCommand) {
        _ = command.bytes.withUnsafeBytes { bytes in
            redisAppendFormattedCommand(pointer, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }
    }

    /// Sends everything that waits.
    func flush() throws(RedisError) {
        var isDone: Int32 = 0
        while isDone == 0 {
            guard redisBufferWrite(pointer, &isDone) == REDIS_OK else { throw .lost(reason) }
        }
    }

    /// The next answer; what waits is sent first.
    func reply() throws(RedisError) -> RedisReply {
        var answer: UnsafeMutableRawPointer?
        guard redisGetReply(pointer, &answer) == REDIS_OK, let answer else { throw .lost(reason) }
        return take(answer)
    }

    /// Reads what the socket has.
    func read() throws(RedisError) {
        guard redisBufferRead(pointer) == REDIS_OK else { throw .lost(reason) }
    }

    /// The next answer of what was read; `nil` when it is not there yet.
    func readReply() throws(RedisError) -> RedisReply? {
        var answer: UnsafeMutableRawPointer?
        guard redisGetReplyFromReader(pointer, &answer) == REDIS_OK else { throw .lost(reason) }
        guard let answer else { return nil }
        return take(answer)
    }

    private func take(_ answer: UnsafeMutableRawPointer) -> RedisReply {
        defer { freeReplyObject(answer) }
        return RedisReply(answer.assumingMemoryBound(to: redisReply.self).pointee)
    }

    private func greet(_ address: RedisAddress) throws(RedisError) {
        if let password = address.password {
            try expect(RedisCommand(["AUTH", .text(address.user ?? "default"), .text(password.reveal())]))
        }
        if address.database != 0 { try expect(RedisCommand("SELECT", .number(address.database))) }
        try expect(RedisCommand("PING"))
    }

    private func expect(_ command: RedisCommand) throws(RedisError) {
        append(command)
        do throws(RedisError) {
            if case .error(let message) = try reply() { throw .refused(message) }
        } catch {
            // The caller's commands have not been sent yet.
            throw .away(error.description)
        }
    }

    /// What hiredis says of its error.
    private var reason: String {
        // A socket whose time is over looks like one that would block.
        if pointer.pointee.err == REDIS_ERR_IO, errno == EAGAIN { return "no answer in time" }
        return withUnsafeBytes(of: pointer.pointee.errstr) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}

/// A peer that closes while this thread writes must not end the process.
func ignoreSignalsOnThisThread() {
    var signals = sigset_t()
    sigfillset(&signals)
    pthread_sigmask(SIG_SETMASK, &signals, nil)
}
