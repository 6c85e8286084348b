import Synchronization
import Telemetry

/// What the connections of a server share.
final class ServerContext: Sendable {
    let handler: @Sendable (Request) async -> Response
    let settings: ServerSettings
    private let live = Atomic<Int>(0)
    private let drains = Atomic<Bool>(false)
    private let allClosed = Mutex<CheckedContinuation<Void, Never>?>(nil)

    init(settings: ServerSettings, handler: @escaping @Sendable (Request) async -> Response) {
        self.settings = settings
        self.handler = handler
    }

    var liveConnections: Int { live.load(ordering: .relaxed) }
    /// Whether answers shall end their connections.
    var isDraining: Bool { drains.load(ordering: .relaxed) }

    func connectionOpened() { live.add(1, ordering: .sequentiallyConsistent) }

    func connectionClosed() {
        let left = live.subtract(1, ordering: .sequentiallyConsistent).newValue
        if left == 0 { wakeWaiter() }
    }

    func drain() { drains.store(true, ordering: .sequentiallyConsistent) }

    /// Returns when no connection is left.
    func waitUntilAllClosed() async {
        await withCheckedContinuation { continuation in
            allClosed.withLock { $0 = continuation }
            if live.load(ordering: .sequentiallyConsistent) == 0 { wakeWaiter() }
        }
    }

    private func wakeWaiter() {
        let waiter = allClosed.withLock { waiter in
            defer { waiter = nil }
            return waiter
        }
        waiter?.resume()
    }
}
