import Kernel

/// When a request is sent again. Only one that is idempotent, by its method or by an `Idempotency-Key`, is repeated.
package struct HTTPRetry: Sendable, Hashable {
    /// Tries in all, the first included.
    package var attempts: Int
    /// The wait before the second try is a random part of this; it doubles from try to try.
    package var base: Duration
    /// The longest wait. A server that asks for more with `Retry-After` gets no other try.
    package var longest: Duration

    /// Answers that other tries may better.
    package static let statuses: Set<Int> = [408, 429, 500, 502, 503, 504]

    package init(attempts: Int, base: Duration = .milliseconds(100), longest: Duration = .seconds(10)) {
        self.attempts = attempts
        self.base = base
        self.longest = longest
    }

    package static let never = HTTPRetry(attempts: 1)

    func allows(_ request: HTTPRequest) -> Bool {
        attempts > 1 && (request.method.isIdempotent || request.headers["Idempotency-Key"] != nil)
    }

    /// The wait after try number `attempt` (1, 2 …): full jitter, a random time between nothing and a bound that
    /// doubles. `chance` is from 0 to 1.
    /// Source: M. Brooker, "Exponential backoff and jitter", AWS Architecture Blog, 2015.
    package func delay(after attempt: Int, chance: Double) -> Duration {
        let bound = min(longest.seconds, base.seconds * Double(1 << min(attempt - 1, 30)))
        return .milliseconds(Int64(bound * 1000 * chance))
    }

    /// The wait that the answer demands, in whole seconds; dates are not understood and count as none.
    package func demandedDelay(_ response: HTTPResponse) -> Duration? {
        response.headers["Retry-After"].flatMap { Int64($0) }.map { .seconds(max(0, $0)) }
    }
}
