import Kernel

/// A part of a reservation: so much of what may be used in any stretch of `window`.
package struct BudgetClaim: Sendable, Hashable {
    /// Unique within the reservation, such as `tokens`.
    package let name: String
    /// Not negative; 0 only asks. More than the limit counts as the limit, so that it is granted some time.
    package let amount: Int
    /// At least 1.
    package let limit: Int
    /// At least 64 ms.
    package let window: Duration

    package init(_ name: String, _ amount: Int, limit: Int, window: Duration) {
        self.name = name
        self.amount = min(max(0, amount), max(1, limit))
        self.limit = max(1, limit)
        self.window = window
    }
}

/// The answer to a reservation.
package struct BudgetDecision: Sendable, Hashable {
    /// Whether everything was taken; else nothing was.
    package let isGranted: Bool
    /// What is used now of each claim's budget, this reservation included, in the order of the claims.
    package let used: [Int]
    /// When the same reservation may be granted, if nobody else takes what comes back; zero when it was.
    package let retryAfter: Duration
    /// By the clock that decided; a correction names it.
    package let moment: Timestamp

    package init(isGranted: Bool, used: [Int], retryAfter: Duration, moment: Timestamp) {
        self.isGranted = isGranted
        self.used = used
        self.retryAfter = retryAfter
        self.moment = moment
    }
}

/// The windows of one key, by the names of the claims.
struct BudgetWindows: Sendable {
    private var windows: [String: SlidingWindow] = [:]

    /// When nothing matters any more.
    var end: Timestamp { windows.values.map(\.end).max() ?? Timestamp(milliseconds: 0) }
    var count: Int { windows.count }

    mutating func reserve(_ claims: [BudgetClaim], at now: Timestamp) -> BudgetDecision {
        var wait = Duration.zero
        for claim in claims {
            var window = windows[claim.name] ?? SlidingWindow(window: claim.window)
            if !window.fits(claim.window) { window = SlidingWindow(window: claim.window) }
            wait = max(wait, window.wait(for: claim.amount, limit: claim.limit, at: now))
            windows[claim.name] = window
        }
        let isGranted = wait == .zero
        if isGranted {
            for claim in claims where claim.amount > 0 { windows[claim.name]?.add(claim.amount, at: now) }
        }
        let used = claims.map { windows[$0.name]?.total ?? 0 }
        return BudgetDecision(isGranted: isGranted, used: used, retryAfter: wait, moment: now)
    }

    mutating func correct(_ amounts: [String: Int], at moment: Timestamp, now: Timestamp) {
        for (name, amount) in amounts { windows[name]?.correct(by: amount, at: moment, now: now) }
    }
}
