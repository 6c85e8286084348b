import Kernel

/// The locks that are held now.
struct MemoryLocks: Sendable {
    private let limit: Int
    private var held: [String: (fence: Int, expiry: Timestamp)] = [:]
    private var lastFence = 0

    /// - Parameter limit: Locks at once.
    init(limit: Int) { self.limit = limit }

    mutating func take(_ key: String, until expiry: Timestamp, now: Timestamp) -> LockToken? {
        if let holder = held[key], holder.expiry > now { return nil }
        if held.count >= limit { held = held.filter { $0.value.expiry > now } }
        guard held.count < limit else { return nil }
        lastFence += 1
        held[key] = (lastFence, expiry)
        return LockToken(key: key, fence: lastFence)
    }

    mutating func extend(_ token: LockToken, until expiry: Timestamp, now: Timestamp) -> Bool {
        guard isHeld(token, now) else { return false }
        held[token.key]?.expiry = expiry
        return true
    }

    mutating func release(_ token: LockToken, now: Timestamp) -> Bool {
        guard isHeld(token, now) else { return false }
        held[token.key] = nil
        return true
    }

    private func isHeld(_ token: LockToken, _ now: Timestamp) -> Bool {
        guard let holder = held[token.key] else { return false }
        return holder.fence == token.fence && holder.expiry > now
    }
}
