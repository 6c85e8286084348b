import Kernel

/// How often a failed try is repeated, and how long the job waits before.
package struct RetryPolicy: Sendable, Equatable {
    private enum Delays: Sendable, Equatable {
        case exponential(base: Duration, cap: Duration, isJittered: Bool)
        case fixed([Duration])
    }

    /// Tries altogether, at least 1.
    package let maxAttempts: Int
    private let delays: Delays

    /// One try.
    package static let never = RetryPolicy(maxAttempts: 1, delays: .fixed([]))

    /// The wait doubles from `base` up to `cap`. With jitter each wait is drawn evenly from zero to that bound, which
    /// keeps jobs that failed together from coming back together.
    /// Source: Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015 ("full jitter").
    package static func exponential(
        attempts: Int = 8,
        base: Duration = .seconds(1),
        cap: Duration = .seconds(600),
        jitter: Bool = true,
    ) -> RetryPolicy {
        RetryPolicy(
            maxAttempts: max(1, attempts),
            delays: .exponential(base: base, cap: cap, isJittered: jitter),
        )
    }

    /// Exactly these waits, one try more than waits.
    package static func delays(_ delays: [Duration]) -> RetryPolicy {
        RetryPolicy(maxAttempts: delays.count + 1, delays: .fixed(delays))
    }

    /// The wait after try number `attempt` (from 1) failed.
    func delay(after attempt: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        switch delays {
        case .fixed(let delays):
            return delays.isEmpty ? .zero : delays[min(max(0, attempt - 1), delays.count - 1)]
        case .exponential(let base, let cap, let isJittered):
            // Past 2^40 every base is beyond every sensible cap, and the shift must not overflow.
            let factor = Int64(1) << Int64(min(40, max(0, attempt - 1)))
            let (product, isTooLarge) = base.milliseconds.multipliedReportingOverflow(by: factor)
            let bound = isTooLarge ? cap.milliseconds : min(cap.milliseconds, product)
            return .milliseconds(isJittered ? Int64.random(in: 0...max(0, bound), using: &generator) : bound)
        }
    }
}
