import Kernel

/// A kind of job that its ``CircuitBreaker`` has paused.
package struct PausedKind: Sendable, Equatable {
    package let kind: String
    package let queue: String
    /// ``BreakerState/open``, or ``BreakerState/halfOpen`` while one job finds out whether the kind works again.
    package let state: BreakerState
    /// The code of the failure that was one too many.
    package let reason: String
    package let since: Timestamp
    /// When one job is let through; `nil` when a person must resume it.
    package let resumesAt: Timestamp?

    init(_ row: BreakerRow) {
        kind = row.kind
        queue = row.queue
        state = row.state
        reason = row.reason ?? ""
        since = row.openedAt ?? Timestamp(milliseconds: 0)
        resumesAt = row.resumeAt
    }
}
