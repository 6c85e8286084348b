internal import CLinux
import Glibc
import Kernel
import Synchronization

/// A thread that waits for sockets and runs the tasks of their requests: it is the executor of their handlers, so that
/// a request usually never leaves its thread.
///
/// Sendable because everything mutable but `remote` is touched on the loop's own thread only; ``perform(_:)`` brings
/// work there.
final class EventLoop: TaskExecutor, @unchecked Sendable {
    private struct Remote {
        var work: [@Sendable () -> Void] = []
        var jobs: [UnownedJob] = []
        var isSignalled = false
    }

    private let epoll: Int32
    private let wakeup: Int32
    private let thread = Atomic<UInt>(0)
    private let remote = Mutex(Remote())
    private var jobs: [UnownedJob] = []
    private var spareJobs: [UnownedJob] = []
    private var deferred: [() -> Void] = []
    private var hasStopped = false
    private(set) var connections: ConnectionTable
    /// Milliseconds of a monotonic clock, as of the beginning of this turn.
    private(set) var now = clinux_monotonic_milliseconds()
    private var nextSweep: Int64 = 0
    /// The `Date` line, renewed once a second.
    private(set) var dateLine = freshDateLine()
    /// Shared by all connections: what is read is parsed or copied before the next read.
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
    /// Called with each new connection, on the loop's thread.
    var onAccept: ((Int32, PeerAddress) -> Void)?
    private var listener: Int32 = -1
    private var acceptsAgainAt: Int64?

    init() throws(ServerError) {
        epoll = clinux_epoll_create()
        wakeup = clinux_eventfd()
        guard epoll >= 0, wakeup >= 0 else { throw .noDescriptors }
        connections = ConnectionTable()
        clinux_epoll_add(epoll, wakeup, CLINUX_READABLE, Self.wakeupMark)
    }

    deinit {
        close(epoll)
        close(wakeup)
        scratch.deallocate()
    }

    private static let wakeupMark = UInt64.max
    private static let listenerMark = UInt64.max - 1
    private static let connectionEvents =
        CLINUX_READABLE | CLINUX_WRITABLE | CLINUX_PEER_CLOSED | CLINUX_EDGE_TRIGGERED

    var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    // MARK: Work from elsewhere

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent { return jobs.append(job) }
        signal { $0.jobs.append(job) }
    }

    /// Runs `work` on the loop's thread: at once when this is it.
    func perform(_ work: @escaping @Sendable () -> Void) {
        if isCurrent { return work() }
        signal { $0.work.append(work) }
    }

    private func signal(_ change: (inout sending Remote) -> Void) {
        let mustWake = remote.withLock { remote in
            change(&remote)
            defer { remote.isSignalled = true }
            return !remote.isSignalled
        }
        if mustWake { clinux_eventfd_signal(wakeup) }
    }

    // MARK: Sockets

    /// Takes connections from a socket that other loops may share.
    func listen(_ descriptor: Int32) {
        listener = descriptor
        clinux_epoll_add(epoll, descriptor, CLINUX_READABLE | CLINUX_EXCLUSIVE, Self.listenerMark)
    }

    func stopListening() {
        guard listener >= 0 else { return }
        while accept() {}
        clinux_epoll_remove(epoll, listener)
        listener = -1
        acceptsAgainAt = nil
    }

    /// Adds a connection; its events arrive from the next turn on.
    func add(_ connection: Connection) {
        let slot = connections.insert(connection)
        clinux_epoll_add(epoll, connection.descriptor, Self.connectionEvents, UInt64(slot))
    }

    /// Takes a closed connection out; its place is free after this turn, whose events may still name it.
    func remove(_ connection: Connection) { connections.remove(connection) }

    /// Does `work` in the next turn, so that the other connections get theirs first.
    func nextTurn(_ work: @escaping () -> Void) { deferred.append(work) }

    /// Takes a handful, so that the connections that are there get their turn.
    ///
    /// - Returns: Whether there may be more.
    @discardableResult
    private func accept() -> Bool {
        for _ in 0..<64 {
            var address = clinux_address()
            let descriptor = clinux_accept(listener, &address)
            guard descriptor >= 0 else {
                // Without descriptors the listener would stay readable and the loop spin: rest for a moment.
                if ![EAGAIN, EINTR, ECONNABORTED].contains(errno) { pauseAccepting() }
                return false
            }
            onAccept?(descriptor, PeerAddress(address))
        }
        return true
    }

    private func pauseAccepting() {
        clinux_epoll_remove(epoll, listener)
        acceptsAgainAt = now + 100
    }

    private func resumeAccepting() {
        acceptsAgainAt = nil
        if listener >= 0 { listen(listener) }
    }

    // MARK: The loop

    /// Runs until ``stop()``.
    func run() {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        // sendfile has no flag against it: a client that left must not end the process.
        var brokenPipe = sigset_t()
        sigemptyset(&brokenPipe)
        sigaddset(&brokenPipe, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &brokenPipe, nil)
        let events = UnsafeMutableBufferPointer<clinux_event>.allocate(capacity: 256)
        defer {
            events.deallocate()
            // Another thread may get the same number.
            thread.store(0, ordering: .relaxed)
        }
        while !hasStopped {
            let mayWait = jobs.isEmpty && deferred.isEmpty
            let count = clinux_epoll_wait(epoll, events.baseAddress, 256, mayWait ? waitMilliseconds : 0)
            now = clinux_monotonic_milliseconds()
            for index in 0..<max(0, Int(count)) { handle(events[index]) }
            goOn()
            runJobs()
            connections.freePlaces()
            if let acceptsAgainAt, now >= acceptsAgainAt { resumeAccepting() }
            if now >= nextSweep { sweep() }
        }
    }

    /// Ends ``run()`` after this turn.
    func stop() { perform { self.hasStopped = true } }

    private var waitMilliseconds: Int32 {
        let next = min(nextSweep, acceptsAgainAt ?? .max)
        return Int32(clamping: max(0, next - now) + 1)
    }

    private func handle(_ event: clinux_event) {
        switch event.data {
        case Self.wakeupMark:
            clinux_eventfd_clear(wakeup)
            runRemoteWork()
        case Self.listenerMark: accept()
        default: connections[Int(event.data)]?.handle(events: event.events)
        }
    }

    private func runRemoteWork() {
        let taken = remote.withLock { remote in
            let taken = (remote.work, remote.jobs)
            remote.work = []
            remote.jobs = []
            remote.isSignalled = false
            return taken
        }
        jobs += taken.1
        for work in taken.0 { work() }
    }

    private func goOn() {
        guard !deferred.isEmpty else { return }
        let work = deferred
        deferred = []
        for work in work { work() }
    }

    /// One pass: what these jobs enqueue runs after the sockets had their turn.
    private func runJobs() {
        swap(&jobs, &spareJobs)
        for job in spareJobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
        spareJobs.removeAll(keepingCapacity: true)
    }

    /// Once a second: timeouts and the date.
    private func sweep() {
        nextSweep = now + 1000
        dateLine = freshDateLine()
        for connection in connections { connection.checkTime() }
    }
}

private func freshDateLine() -> [UInt8] { Array("Date: \(Timestamp.now().httpDate)\r\n".utf8) }

extension PeerAddress {
    fileprivate init(_ address: clinux_address) {
        let (high, low) = withUnsafeBytes(of: address.bytes) {
            ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        self.init(high: UInt64(bigEndian: high), low: UInt64(bigEndian: low), port: address.port)
    }
}
