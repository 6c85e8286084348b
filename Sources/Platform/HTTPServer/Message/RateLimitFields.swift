import Kernel

/// What is told of a limit, in the fields of the IETF draft "RateLimit header fields".
package struct RateLimitFields: Sendable, Equatable {
    /// Requests in the window.
    package let limit: Int
    /// Those that are left.
    package let remaining: Int
    /// Until all of them are free again.
    package let reset: Duration

    package init(limit: Int, remaining: Int, reset: Duration) {
        self.limit = limit
        self.remaining = remaining
        self.reset = reset
    }
}

/// A refusal by a limit: its answer tells of it.
package protocol LimitFailure: Failure {
    /// `nil` for a failure that is none.
    var fields: RateLimitFields? { get }
}

extension Response {
    /// Tells of a limit.
    package mutating func tell(_ fields: RateLimitFields) {
        headers["RateLimit-Limit"] = "\(fields.limit)"
        headers["RateLimit-Remaining"] = "\(fields.remaining)"
        headers["RateLimit-Reset"] = "\(max(1, Int(fields.reset.seconds.rounded(.up))))"
    }
}
