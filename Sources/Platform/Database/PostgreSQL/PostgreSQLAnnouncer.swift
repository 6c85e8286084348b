internal import CLinux
internal import CPQ
import Glibc
import Kernel
import Synchronization

/// Says and hears announcements on one connection and thread. `NOTIFY` takes a lock over all commits of the server, so
/// it never rides in a transaction: what is announced is collected, without doubles, and sent every 20 ms at most.
final class PostgreSQLAnnouncer: Sendable {
    private struct Words: Hashable {
        let channel: String
        let payload: String
    }

    private struct State {
        var pending: Set<Words> = []
        var isSignalled = false
        var isClosing = false
        var isOver = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private let hub = AnnouncementHub()
    private let state = Mutex(State())
    private let bell: Int32
    private let pause = Duration.milliseconds(20)
    /// While the server is away, so many are kept; readers look at the tables anyway when it is back.
    private let kept = 10_000

    init(_ target: PostgreSQLTarget, _ backOff: PostgreSQLBackOff) {
        bell = clinux_eventfd()
        precondition(bell >= 0, "no descriptor for announcements")
        startThread(name: "postgres-notify") { self.work(PostgreSQLSlot(target, backOff)) }
    }

    deinit { Glibc.close(bell) }

    func announce(_ channel: String, _ payload: String) {
        precondition(payload.utf8.count < 8000 && !payload.utf8.contains(0), "an announcement is a short text")
        state.withLock { state in
            guard state.pending.count < kept else { return }
            // The thread knows of those before: it sends them after its pause, and waking it for each would cost more
            // than all else of an announcement.
            if state.pending.isEmpty { ring(&state) }
            state.pending.insert(Words(channel: channel, payload: payload))
        }
    }

    func announcements(_ channel: String) -> AsyncStream<Announcement> {
        let stream = hub.subscribe(channel)
        state.withLock { ring(&$0) }
        return stream
    }

    /// Sends what is pending, ends every stream and closes the connection.
    func close() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                state.isClosing = true
                if !state.isOver { state.closers.append(continuation) }
                ring(&state)
                return state.isOver
            }
            if isOver { continuation.resume() }
        }
    }

    /// Like ``close()``, but nobody waits for it.
    func abandon() {
        state.withLock { state in
            state.isClosing = true
            ring(&state)
        }
    }

    private func ring(_ state: inout State) {
        guard !state.isSignalled, !state.isOver else { return }
        state.isSignalled = true
        clinux_eventfd_signal(bell)
    }

    private func work(_ slot: consuming PostgreSQLSlot) {
        var link = Link(slot: slot)
        while !state.withLock(\.isClosing) {
            let next = step(&link)
            wait(for: link.socket, atMost: next)
        }
        if link.socket != nil { _ = step(&link) }
        _ = consume link
        hub.close()
        let closers = state.withLock { state in
            state.isOver = true
            let closers = state.closers
            state.closers = []
            return closers
        }
        for closer in closers { closer.resume() }
    }

    /// The connection of the thread and what it knows of it.
    private struct Link {
        let slot: PostgreSQLSlot
        var connection: PostgreSQLConnection?
        var heard: Set<String> = []
        var sentAt: ContinuousClock.Instant?
        var socket: Int32? { connection.map { PQsocket($0.handle) } }
    }

    /// Listens where somebody wants to hear, sends what is due and passes on what has arrived.
    ///
    /// - Returns: How long nothing else is to do; `nil` for until something happens.
    private func step(_ link: inout Link) -> Duration? {
        let isNeeded = !hub.channels.isEmpty || state.withLock { !$0.pending.isEmpty }
        guard isNeeded || link.connection != nil else { return nil }
        do throws(DatabaseError) {
            let connection = try link.slot.connected()
            if connection !== link.connection { link.heard = [] }
            link.connection = connection
        } catch {
            link.connection = nil
            return .milliseconds(100)
        }
        guard let connection = link.connection else { return nil }
        do throws(PostgreSQLFailure) {
            try listen(connection, &link)
            let next = try send(connection, &link)
            try deliver(connection)
            return next
        } catch {
            link.slot.drop()
            link.connection = nil
            return .milliseconds(50)
        }
    }

    private func listen(_ connection: PostgreSQLConnection, _ link: inout Link) throws(PostgreSQLFailure) {
        let channels = hub.channels
        for channel in link.heard.subtracting(channels) {
            _ = try connection.run(PostgreSQLStep("UNLISTEN \(identifier: channel)"))
        }
        link.heard.formIntersection(channels)
        for channel in channels.subtracting(link.heard) {
            _ = try connection.run(PostgreSQLStep("LISTEN \(identifier: channel)"))
            link.heard.insert(channel)
            hub.tell(channel, .missed)
        }
        for channel in channels { hub.welcome(channel) }
    }

    /// - Returns: When more may be sent; `nil` when nothing waits.
    private func send(_ connection: PostgreSQLConnection, _ link: inout Link) throws(PostgreSQLFailure) -> Duration? {
        let isClosing = state.withLock { $0.isClosing }
        if let sentAt = link.sentAt, !isClosing {
            let rest = pause - (ContinuousClock.now - sentAt)
            if rest > .zero { return state.withLock { $0.pending.isEmpty } ? nil : rest }
        }
        let words = state.withLock { state in
            let words = Array(state.pending.prefix(1000))
            state.pending.subtract(words)
            return words
        }
        guard !words.isEmpty else { return nil }
        link.sentAt = .now
        do throws(PostgreSQLFailure) {
            _ = try connection.run(words.map { PostgreSQLStep("SELECT pg_notify(\($0.channel), \($0.payload))") })
        } catch {
            state.withLock { $0.pending.formUnion(words) }
            throw error
        }
        return state.withLock { $0.pending.isEmpty } ? nil : pause
    }

    private func deliver(_ connection: PostgreSQLConnection) throws(PostgreSQLFailure) {
        // A lost connection has no socket to wait for: nothing would ever wake the thread.
        if connection.isLost { throw .lost(detail: "the server hung up") }
        while let notice = PQnotifies(connection.handle) {
            hub.tell(String(cString: notice.pointee.relname), .said(String(cString: notice.pointee.extra)))
            PQfreemem(notice)
        }
    }

    private func wait(for socket: Int32?, atMost limit: Duration?) {
        var descriptors = [pollfd(fd: bell, events: Int16(POLLIN), revents: 0)]
        if let socket { descriptors.append(pollfd(fd: socket, events: Int16(POLLIN), revents: 0)) }
        let milliseconds = limit.map { Int32(clamping: $0.milliseconds + 1) } ?? -1
        _ = poll(&descriptors, nfds_t(descriptors.count), milliseconds)
        state.withLock { state in
            if state.isSignalled { clinux_eventfd_clear(bell) }
            state.isSignalled = false
        }
    }
}
