import Kernel
import Synchronization

/// Connects enqueuing and the workers, of this process at once and of others by announcements, so that none of them
/// has to poll.
final class WakeRegistry: Sendable {
    private struct Listener {
        let ready: @Sendable (_ queue: String, _ count: Int) -> Void
        let due: @Sendable (Timestamp) -> Void
        let deadline: @Sendable (Timestamp) -> Void
    }

    /// What one process tells the others. Its own name goes along: it has heard already.
    enum Message: Equatable {
        case ready(queue: String)
        case cancelled(ID<Job>)

        static let channel = "jobs"

        func text(from origin: ID<WakeRegistry>) -> String {
            switch self {
            case .ready(let queue): "\(origin) ready \(queue)"
            case .cancelled(let id): "\(origin) cancelled \(id)"
            }
        }

        /// `nil` for what this process said itself, and for what a newer version may say.
        init?(_ text: String, heardBy origin: ID<WakeRegistry>) {
            let words = text.split(separator: " ", maxSplits: 2)
            guard words.count == 3, words[0] != origin.description else { return nil }
            switch words[1] {
            case "ready": self = .ready(queue: String(words[2]))
            case "cancelled":
                guard let id = ID<Job>(String(words[2])) else { return nil }
                self = .cancelled(id)
            default: return nil
            }
        }
    }

    let origin = ID<WakeRegistry>()
    private let announce: (@Sendable (String) -> Void)?
    private let listeners = Mutex<[ID<JobWorker>: Listener]>([:])

    /// - Parameter announce: Tells the other processes; `nil` where there are none.
    init(announce: (@Sendable (String) -> Void)?) { self.announce = announce }

    func add(
        _ worker: ID<JobWorker>,
        ready: @escaping @Sendable (_ queue: String, _ count: Int) -> Void,
        due: @escaping @Sendable (Timestamp) -> Void,
        deadline: @escaping @Sendable (Timestamp) -> Void,
    ) {
        listeners.withLock { $0[worker] = Listener(ready: ready, due: due, deadline: deadline) }
    }

    func remove(_ worker: ID<JobWorker>) { listeners.withLock { $0[worker] = nil } }

    /// Jobs of `queue` can be claimed, here or elsewhere.
    func ready(_ queue: String, _ count: Int = 1) {
        readyHere(queue, count)
        announce?(Message.ready(queue: queue).text(from: origin))
    }

    /// A running job was cancelled, and its worker may be elsewhere.
    func cancelled(_ id: ID<Job>) { announce?(Message.cancelled(id).text(from: origin)) }

    /// Jobs of `queue` can be claimed, as another process has said or this one has seen.
    func readyHere(_ queue: String, _ count: Int = 1) {
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
