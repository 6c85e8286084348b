import Kernel
import Synchronization

/// Connects enqueuing and the workers of the same process, so that none of them has to poll.
final class WakeRegistry: Sendable {
    private struct Listener {
        let ready: @Sendable (_ queue: String, _ count: Int) -> Void
        let due: @Sendable (Timestamp) -> Void
        let deadline: @Sendable (Timestamp) -> Void
    }

    private let listeners = Mutex<[ID<JobWorker>: Listener]>([:])

    func add(
        _ worker: ID<JobWorker>,
        ready: @escaping @Sendable (_ queue: String, _ count: Int) -> Void,
        due: @escaping @Sendable (Timestamp) -> Void,
        deadline: @escaping @Sendable (Timestamp) -> Void,
    ) {
        listeners.withLock { $0[worker] = Listener(ready: ready, due: due, deadline: deadline) }
    }

    func remove(_ worker: ID<JobWorker>) { listeners.withLock { $0[worker] = nil } }

    /// Jobs of `queue` can be claimed.
    func ready(_ queue: String, _ count: Int = 1) {
        for listener in listeners.withLock({ Array($0.values) }) { listener.ready(queue, count) }
    }

    /// A job will be due at `moment`.
    func due(_ moment: Timestamp) {
        for listener in listeners.withLock({ Array($0.values) }) { listener.due(moment) }
    }

    /// A running job must be looked at by `moment`.
    func deadline(_ moment: Timestamp) {
        for listener in listeners.withLock({ Array($0.values) }) { listener.deadline(moment) }
    }
}
