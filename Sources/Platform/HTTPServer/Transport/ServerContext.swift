import Synchronization
import Telemetry

/// What the connections of a server share.
final class ServerContext: Sendable {
    let handler: @Sendable (Request) async -> Response
    let settings: ServerSettings
    private let live = Atomic<Int>(0)
    private let requests = Atomic<Int>(0)
    private let drains = Atomic<Bool>(false)
    private let idleWaiter = Mutex<CheckedContinuation<Bool, Never>?>(nil)

    init(settings: ServerSettings, handler: @escaping @Sendable (Request) async -> Response) {
        self.settings = settings
        self.handler = handler
    }

    var liveConnections: Int { live.load(ordering: .relaxed) }
    /// Whether answers shall end their connections.
    var isDraining: Bool { drains.load(ordering: .relaxed) }

    func connectionOpened() { live.add(1, ordering: .sequentiallyConsistent) }

    func connectionClosed() {
        if live.subtract(1, ordering: .sequentiallyConsistent).newValue == 0 { wakeIfIdle() }
    }

    /// A handler runs; it may go on after its connection has closed.
    func requestBegan() { requests.add(1, ordering: .sequentiallyConsistent) }

    func requestEnded() {
        if requests.subtract(1, ordering: .sequentiallyConsistent).newValue == 0 { wakeIfIdle() }
    }

    func drain() { drains.store(true, ordering: .sequentiallyConsistent) }

    /// Returns when no connection is left and no handler runs, or after ``giveUp()``.
    ///
    /// - Returns: Whether that is so.
    func waitUntilIdle() async -> Bool {
        await withCheckedContinuation { continuation in
            idleWaiter.withLock { $0 = continuation }
            wakeIfIdle()
        }
    }

    /// Ends the wait although something still runs.
    func giveUp() { wake(false) }

    private func wakeIfIdle() {
        // Only a server that ends has somebody to wake.
        guard isDraining, live.load(ordering: .sequentiallyConsistent) == 0,
            requests.load(ordering: .sequentiallyConsistent) == 0
        else { return }
        wake(true)
    }

    private func wake(_ isIdle: Bool) {
        let waiter = idleWaiter.withLock { waiter in
            defer { waiter = nil }
            return waiter
        }
        waiter?.resume(returning: isIdle)
    }
}
