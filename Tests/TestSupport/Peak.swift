import Synchronization

/// Counts what runs at once, and remembers the most.
package final class Peak: Sendable {
    private let count = Mutex((now: 0, most: 0))
    package init() {}
    package var most: Int { count.withLock(\.most) }
    package func enter() { count.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) } }
    package func leave() { count.withLock { $0.now -= 1 } }
}
