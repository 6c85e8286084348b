import Kernel
import Synchronization

/// Leaves a model alone that keeps failing or coming too late: each search would wait for it in vain, and pay.
final class RerankPause: Sendable {
    private struct State {
        var missed = 0
        var end: Timestamp?
    }

    private static let mostMissed = 5
    private static let length = Duration.seconds(30)

    private let state = Mutex(State())

    /// Whether to ask the model. After a pause one search does; the others go on without until it has its answer.
    func mayAsk(at now: Timestamp) -> Bool {
        state.withLock { state in
            guard let end = state.end else { return true }
            guard now >= end else { return false }
            state.end = now + Self.length
            return true
        }
    }

    /// The model answered in time.
    func answered() { state.withLock { $0 = State() } }

    /// The model did not.
    func missed(at now: Timestamp) {
        state.withLock { state in
            state.missed += 1
            if state.missed >= Self.mostMissed { state.end = now + Self.length }
        }
    }
}
