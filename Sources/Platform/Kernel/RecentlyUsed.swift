import Synchronization

/// What was made lately and may be wanted again. What nobody asks for makes room.
///
/// Entries live in two generations. Whatever is asked for moves to the younger one; when that has grown to half of the
/// limit, the older one goes as a whole, so that no order has to be kept.
package final class RecentlyUsed<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Generations {
        var younger: [Key: Value] = [:]
        var older: [Key: Value] = [:]
    }

    private let generations = Mutex(Generations())
    private let limit: Int

    /// `limit`: Most entries, at least 2.
    package init(limit: Int) { self.limit = limit }

    /// `nil` for what was not kept or made room.
    package subscript(key: Key) -> Value? {
        get {
            generations.withLock { generations in
                if let value = generations.younger[key] { return value }
                guard let value = generations.older[key] else { return nil }
                keep(value, key, in: &generations)
                return value
            }
        }
        set {
            generations.withLock { generations in
                if let newValue { return keep(newValue, key, in: &generations) }
                generations.younger[key] = nil
                generations.older[key] = nil
            }
        }
    }

    private func keep(_ value: Value, _ key: Key, in generations: inout Generations) {
        generations.younger[key] = value
        guard generations.younger.count >= limit / 2 else { return }
        generations.older = generations.younger
        generations.younger = [:]
    }
}
