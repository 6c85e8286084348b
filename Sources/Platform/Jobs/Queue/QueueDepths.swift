import Database
import Kernel
import Synchronization

/// Back-pressure: refuses jobs for a queue that is full. Counting on every enqueue would cost as much as the queue is
/// deep, so the count is kept here, moved by what this process does, and taken anew once a second and before a
/// refusal.
final class QueueDepths: Sendable {
    private struct Estimate {
        var depth: Int
        var countedAt: Timestamp
    }

    private let estimates = Mutex<[String: Estimate]>([:])
    /// Other processes enqueue and claim too: older counts are not trusted.
    private let trusted: Duration = .seconds(1)
    /// While a queue stays full, a refusal may rest on a count of this age.
    private let trustedWhenFull: Duration = .milliseconds(250)

    /// Counts one job in.
    ///
    /// - Throws: ``JobError/queueFull(queue:retryAfter:)``.
    func enter(_ queue: String, _ settings: QueueSettings, now: Timestamp, in transaction: any Transaction) throws {
        let known = estimates.withLock { $0[queue] }
        let isFull = (known?.depth ?? 0) >= settings.maxDepth
        let age = known.map { now - $0.countedAt }
        if age.map({ $0 >= (isFull ? trustedWhenFull : trusted) || $0 < .zero }) ?? true {
            let depth: Int = try transaction.first(JobStore.depth(queue, upTo: settings.maxDepth))?.get("n") ?? 0
            estimates.withLock { $0[queue] = Estimate(depth: depth, countedAt: now) }
        }
        let isAccepted = estimates.withLock { estimates in
            guard let depth = estimates[queue]?.depth, depth < settings.maxDepth else { return false }
            estimates[queue]?.depth += 1
            return true
        }
        guard isAccepted else { throw JobError.queueFull(queue: queue, retryAfter: settings.retryAfter) }
    }

    /// Jobs were claimed, or turned out to be there already.
    func leave(_ queue: String, _ count: Int) {
        estimates.withLock { estimates in
            guard let depth = estimates[queue]?.depth else { return }
            estimates[queue]?.depth = max(0, depth - count)
        }
    }
}
