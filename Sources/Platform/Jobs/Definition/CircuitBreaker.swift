import Kernel

/// When a kind of job is paused because it keeps failing, and how it comes back.
///
/// Paused jobs wait without losing tries. A try counts as failed as `jobs_failed_total` counts it: an outage of a store
/// and a stopping worker are not the kind's fault. A kind with a breaker is best alone in its queue: the claims of
/// others step over all its waiting jobs.
package struct CircuitBreaker: Sendable, Equatable {
    /// So many failures open it, at least 1.
    package let failures: Int
    /// The failures must lie so close together.
    package let window: Duration
    /// After so long one job is let through: its success closes the breaker, its failure opens it anew. `nil` waits for
    /// a person.
    package let resumeAfter: Duration?

    package init(failures: Int, within window: Duration, resumeAfter: Duration? = nil) {
        self.failures = max(1, failures)
        self.window = window
        self.resumeAfter = resumeAfter
    }

    /// The failures that still matter after one more, in order; as many as ``failures`` open the breaker.
    func adding(_ failure: Timestamp, to known: [Timestamp]) -> [Timestamp] {
        Array((known.filter { failure - $0 < window } + [failure]).sorted().suffix(failures))
    }
}

/// Where a breaker stands.
package enum BreakerState: String, Sendable {
    case closed
    /// No job of the kind begins.
    case open
    /// One job runs, to find out.
    case halfOpen = "half_open"
}
