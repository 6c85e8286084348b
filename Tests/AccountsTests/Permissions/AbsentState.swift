import Kernel
import SharedState
import TestSupport

/// Shared state whose server can go away, as the protocol says how that looks.
final class AbsentState: SharedState {
    let isAway = Box(false)
    private let state: MemorySharedState
    private let alone: MemorySharedState

    init(_ state: MemorySharedState, alone: MemorySharedState = MemorySharedState()) {
        (self.state, self.alone) = (state, alone)
    }

    func get(_ key: String) -> [UInt8]? { isAway.value ? nil : state.get(key) }
    func set(_ key: String, _ value: [UInt8], ttl: Duration) { if !isAway.value { state.set(key, value, ttl: ttl) } }
    func setIfAbsent(_ key: String, _ value: [UInt8], ttl: Duration) -> Bool {
        !isAway.value && state.setIfAbsent(key, value, ttl: ttl)
    }
    func delete(_ key: String) -> Bool { !isAway.value && state.delete(key) }
    func deletePrefix(_ prefix: String) -> Int { isAway.value ? 0 : state.deletePrefix(prefix) }
    func increment(_ key: String, by amount: Int, ttl: Duration) -> Int {
        (isAway.value ? alone : state).increment(key, by: amount, ttl: ttl)
    }
    func rateLimit(_ key: String, limit: Int, window: Duration) -> RateLimitDecision {
        (isAway.value ? alone : state).rateLimit(key, limit: limit, window: window)
    }
    func lock(_ key: String, ttl: Duration) -> LockToken? { isAway.value ? nil : state.lock(key, ttl: ttl) }
    func extend(_ token: LockToken, ttl: Duration) -> Bool { !isAway.value && state.extend(token, ttl: ttl) }
    func unlock(_ token: LockToken) -> Bool { !isAway.value && state.unlock(token) }
    func publish(_ channel: String, message: [UInt8]) { if !isAway.value { state.publish(channel, message: message) } }
    func subscribe(_ channel: String) -> AsyncStream<[UInt8]> { state.subscribe(channel) }
}
