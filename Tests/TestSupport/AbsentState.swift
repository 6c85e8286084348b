import Kernel
import SharedState

/// Shared state whose server can go away, as the protocol says how that looks.
package final class AbsentState: SharedState {
    /// Whether the server is away.
    package let isAway = Box(false)
    private let state: MemorySharedState
    private let alone: MemorySharedState

    /// `state` while the server is there, `alone` for what a process counts by itself.
    package init(_ state: MemorySharedState, alone: MemorySharedState = MemorySharedState()) {
        (self.state, self.alone) = (state, alone)
    }

    package func get(_ key: String) -> [UInt8]? { isAway.value ? nil : state.get(key) }
    package func set(_ key: String, _ value: [UInt8], ttl: Duration) {
        if !isAway.value { state.set(key, value, ttl: ttl) }
    }
    package func setIfAbsent(_ key: String, _ value: [UInt8], ttl: Duration) -> Bool {
        !isAway.value && state.setIfAbsent(key, value, ttl: ttl)
    }
    package func delete(_ key: String) -> Bool { !isAway.value && state.delete(key) }
    package func deletePrefix(_ prefix: String) -> Int { isAway.value ? 0 : state.deletePrefix(prefix) }
    package func increment(_ key: String, by amount: Int, ttl: Duration) -> Int {
        (isAway.value ? alone : state).increment(key, by: amount, ttl: ttl)
    }
    package func rateLimit(_ key: String, limit: Int, window: Duration) -> RateLimitDecision {
        (isAway.value ? alone : state).rateLimit(key, limit: limit, window: window)
    }
    package func reserve(_ key: String, _ claims: [BudgetClaim]) -> BudgetDecision {
        (isAway.value ? alone : state).reserve(key, claims)
    }
    package func correct(_ key: String, _ amounts: [String: Int], at moment: Timestamp) {
        (isAway.value ? alone : state).correct(key, amounts, at: moment)
    }
    package func lock(_ key: String, ttl: Duration) -> LockToken? { isAway.value ? nil : state.lock(key, ttl: ttl) }
    package func extend(_ token: LockToken, ttl: Duration) -> Bool { !isAway.value && state.extend(token, ttl: ttl) }
    package func unlock(_ token: LockToken) -> Bool { !isAway.value && state.unlock(token) }
    package func publish(_ channel: String, message: [UInt8]) {
        if !isAway.value { state.publish(channel, message: message) }
    }
    package func subscribe(_ channel: String, _ receive: @escaping @Sendable ([UInt8]) -> Void) -> Subscription {
        state.subscribe(channel, receive)
    }
}
