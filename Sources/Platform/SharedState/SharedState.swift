import Kernel

/// What several processes agree on for seconds or minutes: caches, counters, rate limits, locks, messages.
///
/// Nothing here outlives a restart, and what must (quotas, money) belongs into the database. So no call throws: an
/// implementation whose server is away answers as each method says, and tells health checks and metrics about it.
/// Keys and channels are any text; caches, counters, limits and locks have names of their own, so the same key may be
/// used for each. Times are rounded to milliseconds.
package protocol SharedState: Sendable {
    /// The value that `set` left, unless it has expired, was deleted, or had to make room. Server away: `nil`.
    func get(_ key: String) async -> [UInt8]?

    /// Keeps a value for `ttl`, which is positive. It may be forgotten earlier, when memory is short.
    /// Server away: nothing is kept.
    func set(_ key: String, _ value: [UInt8], ttl: Duration) async

    /// Keeps a value only when the key has none: of several callers, one gets `true`. Server away: `false`.
    func setIfAbsent(_ key: String, _ value: [UInt8], ttl: Duration) async -> Bool

    /// Forgets a value or a counter.
    ///
    /// - Returns: Whether there was one. Server away: `false`.
    @discardableResult func delete(_ key: String) async -> Bool

    /// Forgets every value and counter whose key begins with `prefix`.
    ///
    /// - Returns: How many there were. Server away: 0.
    @discardableResult func deletePrefix(_ prefix: String) async -> Int

    /// Adds to a counter in one step; a missing one counts from 0 and then lives for `ttl`, which later calls do not
    /// prolong. Server away: this process counts alone.
    ///
    /// - Returns: The counter after the step. It stops at the ends of `Int`.
    @discardableResult func increment(_ key: String, by amount: Int, ttl: Duration) async -> Int

    /// Takes one of `limit` permits per `window`, which slides. In no stretch of `window` are more than `limit` granted;
    /// a refused call takes nothing. A `limit` of 0 or less refuses everything. The window is at least 64 ms, and a
    /// permit comes back at most 1/64 of it late, see ``SlidingWindow``. Server away: this process limits alone.
    func rateLimit(_ key: String, limit: Int, window: Duration) async -> RateLimitDecision

    /// Takes all claims in one step, or none of them, each from a budget of its own below `key` whose window slides as
    /// ``rateLimit(_:limit:window:)`` has it. Server away: this process decides alone.
    func reserve(_ key: String, _ claims: [BudgetClaim]) async -> BudgetDecision

    /// Changes what a reservation took, when it turns out to have needed more or less: `amounts` are added, by name.
    /// What was needed counts also beyond the limit. `moment` is the decision's; one whose window has passed changes
    /// nothing. Server away: what this process decided alone is changed.
    func correct(_ key: String, _ amounts: [String: Int], at moment: Timestamp) async

    /// Takes a lock that falls back by itself after `ttl`. Never waits. Server away: `nil`.
    ///
    /// - Returns: What proves possession; `nil` when somebody else has the lock.
    func lock(_ key: String, ttl: Duration) async -> LockToken?

    /// Lets the lock last `ttl` from now on.
    ///
    /// - Returns: `false` when it was lost before: then stop what it protects. Server away: `false`.
    func extend(_ token: LockToken, ttl: Duration) async -> Bool

    /// Gives the lock back.
    ///
    /// - Returns: `false` when it was lost before; whoever has it now keeps it. Server away: `false`.
    @discardableResult func unlock(_ token: LockToken) async -> Bool

    /// Sends a message to everyone who is subscribed now. It may be lost; a subscriber must be able to do without.
    func publish(_ channel: String, message: [UInt8]) async

    /// Calls `receive` with every message from the moment this call returns, in their order and one at a time, until the
    /// subscription is cancelled; one that is on its way may still come then. Other messages wait meanwhile: it returns at
    /// once and publishes nothing itself.
    func subscribe(_ channel: String, _ receive: @escaping @Sendable ([UInt8]) -> Void) async -> Subscription
}

/// Messages that somebody receives.
package struct Subscription: Sendable {
    private let end: @Sendable () -> Void

    /// `end` is called by ``cancel()``, each time.
    package init(_ end: @escaping @Sendable () -> Void) { self.end = end }

    /// No message that is sent from now on is received.
    package func cancel() { end() }
}

extension SharedState {
    /// Counts one.
    @discardableResult
    package func increment(_ key: String, ttl: Duration) async -> Int { await increment(key, by: 1, ttl: ttl) }

    /// Runs `body` when the lock is free, and gives it back afterwards; `nil` when somebody else has it.
    ///
    /// Choose `ttl` longer than `body` can take, and pass the token's fence on to what is written where that matters.
    package func withLock<Value: Sendable>(
        _ key: String,
        ttl: Duration,
        _ body: (LockToken) async throws -> Value,
    ) async rethrows -> Value? {
        guard let token = await lock(key, ttl: ttl) else { return nil }
        let value: Value
        do {
            value = try await body(token)
        } catch {
            await unlock(token)
            throw error
        }
        await unlock(token)
        return value
    }
}

/// The answer of a rate limit.
package struct RateLimitDecision: Sendable, Hashable {
    package let isAllowed: Bool
    /// Permits that are left now.
    package let remaining: Int
    /// When the next call will be granted, for `Retry-After`: zero while permits are left.
    package let retryAfter: Duration
    /// When all permits are back, for `RateLimit-Reset`.
    package let resetAfter: Duration

    package init(isAllowed: Bool, remaining: Int, retryAfter: Duration, resetAfter: Duration) {
        self.isAllowed = isAllowed
        self.remaining = remaining
        self.retryAfter = retryAfter
        self.resetAfter = resetAfter
    }
}

/// Possession of a lock.
package struct LockToken: Sendable, Hashable {
    package let key: String
    /// Grows with every lock that is given out. A store that remembers the greatest fence it has seen can refuse the
    /// late write of somebody who lost the lock without noticing.
    package let fence: Int

    package init(key: String, fence: Int) {
        self.key = key
        self.fence = fence
    }
}
