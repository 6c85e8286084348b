import Kernel
import Synchronization

/// Remembers for which keys this process wrote a use lately.
final class KeyUses: Sendable {
    private static let interval = Duration.seconds(60)
    /// Enough for every key in use; beyond it all are forgotten, which costs one write each.
    private static let limit = 10_000

    private let written = Mutex<[ID<APIKey>: Timestamp]>([:])

    /// Whether a use at `now` should be written, given when the row says it was written last. A `true` counts as
    /// written, so that many requests at the same moment write once.
    func isDue(_ id: ID<APIKey>, at now: Timestamp, after last: Timestamp?) -> Bool {
        written.withLock { written in
            let known = [written[id], last].compactMap { $0 }.max()
            if let known, now - known < Self.interval { return false }
            if written.count >= Self.limit { written.removeAll() }
            written[id] = now
            return true
        }
    }
}
