import Kernel
import Synchronization
import Telemetry

/// What waits for a connection.
protocol PostgreSQLWork: Sendable {
    /// Does it on the calling thread, with its connection.
    func run(on slot: PostgreSQLSlot)
    /// Tells the caller that it was not begun.
    func refuse(_ error: DatabaseError)
}

/// Threads with a connection each, and one fair line before them.
final class PostgreSQLPool: Sendable {
    private struct Waiting {
        let work: any PostgreSQLWork
        let since: ContinuousClock.Instant
    }

    private struct State {
        var waiting: [Waiting] = []
        var head = 0
        var running = 0
        var threads = 0
        var isWatched = false
        var isClosing = false
        var closers: [CheckedContinuation<Void, Never>] = []
        var count: Int { waiting.count - head }

        mutating func next() -> Waiting? {
            guard head < waiting.count else { return nil }
            let next = waiting[head]
            head += 1
            if head == waiting.count || head > 1024 {
                waiting.removeFirst(head)
                head = 0
            }
            return next
        }
    }

    private let state = Mutex(State())
    private let available = Semaphore()
    private let watch = Semaphore()
    private let settings: PostgreSQLSettings
    private let wait: Histogram

    /// - Parameters:
    ///   - target: Where the connections go; they are made when first needed.
    ///   - backOff: Decides when to try again.
    ///   - metrics: Gets the `database_pool…` families.
    init(_ target: PostgreSQLTarget, _ backOff: PostgreSQLBackOff, metrics: Metrics) {
        settings = target.settings
        wait = metrics.histogram("database_pool_wait_seconds", "How long a caller waited for a connection.")
        report(to: metrics)
        state.withLock { $0.threads = settings.connections }
        for index in 0..<settings.connections {
            startThread(name: "postgres-\(index)") { self.work(PostgreSQLSlot(target, backOff)) }
        }
        startThread(name: "postgres-watch") { self.refuseOverdue() }
    }

    /// Lines work up.
    ///
    /// - Throws: ``DatabaseError/overloaded`` when the line is full, ``DatabaseError/closed`` after ``close()``.
    func submit(_ work: any PostgreSQLWork) throws(DatabaseError) {
        let refusal = state.withLock { state -> DatabaseError? in
            if state.isClosing { return .closed }
            if state.count >= settings.waiting { return .overloaded }
            state.waiting.append(Waiting(work: work, since: .now))
            // A thread that was signalled may not have begun yet: it counts by what waits for it.
            if !state.isWatched, state.running + state.count > settings.connections {
                state.isWatched = true
                watch.signal()
            }
            return nil
        }
        if let refusal { throw refusal }
        available.signal()
    }

    /// Does what waits, then ends the threads and closes their connections.
    func close() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                state.isClosing = true
                if state.threads > 0 { state.closers.append(continuation) }
                return state.threads == 0
            }
            wakeAll()
            if isOver { continuation.resume() }
        }
    }

    /// Like ``close()``, but nobody waits for it.
    func abandon() {
        state.withLock { $0.isClosing = true }
        wakeAll()
    }

    private func wakeAll() {
        for _ in 0..<settings.connections { available.signal() }
        watch.signal()
    }

    private func work(_ slot: consuming PostgreSQLSlot) {
        while let waiting = next() {
            wait.observe(ContinuousClock.now - waiting.since)
            waiting.work.run(on: slot)
            state.withLock { $0.running -= 1 }
        }
        _ = consume slot
        let closers = state.withLock { state in
            state.threads -= 1
            guard state.threads == 0 else { return [CheckedContinuation<Void, Never>]() }
            let closers = state.closers
            state.closers = []
            return closers
        }
        for closer in closers { closer.resume() }
    }

    /// `nil` when the pool is closing and nothing waits.
    private func next() -> Waiting? {
        while true {
            available.wait()
            let (waiting, isOver) = state.withLock { state -> (Waiting?, Bool) in
                let waiting = state.next()
                if waiting != nil { state.running += 1 }
                return (waiting, waiting == nil && state.isClosing)
            }
            if let waiting { return waiting }
            // Otherwise what the signal was for has been refused meanwhile.
            if isOver { return nil }
        }
    }

    /// While every connection is busy, somebody must look at the clock: the threads cannot.
    private func refuseOverdue() {
        while true {
            let (overdue, pause, isOver) = state.withLock { state -> ([Waiting], Duration?, Bool) in
                var overdue: [Waiting] = []
                let limit = ContinuousClock.now - settings.acquireTimeout
                while state.count > 0, state.waiting[state.head].since <= limit {
                    if let next = state.next() { overdue.append(next) }
                }
                state.isWatched = state.count > 0
                let pause = state.isWatched ? state.waiting[state.head].since - limit : nil
                return (overdue, pause, state.isClosing && state.count == 0)
            }
            for waiting in overdue { waiting.work.refuse(.overloaded) }
            if isOver { return }
            if let pause { watch.wait(atMost: pause) } else { watch.wait() }
        }
    }

    private func report(to metrics: Metrics) {
        let size = metrics.gauge("database_pool_size", "Connections a process may hold for queries and transactions.")
        let used = metrics.gauge("database_pool_in_use", "Connections of the pool that work now.")
        let waiting = metrics.gauge("database_pool_waiting", "Callers that wait for a connection of the pool.")
        size.set(Double(settings.connections))
        metrics.onCollect { [weak self] in
            guard let self else { return }
            let (running, count) = state.withLock { ($0.running, $0.count) }
            used.set(Double(running))
            waiting.set(Double(count))
        }
    }
}
