import Kernel
import Synchronization

/// The queue's source of jitter: the system's, or a repeatable one for tests.
final class Chance: Sendable {
    private let generator: Mutex<any RandomNumberGenerator & Sendable>

    init(seed: UInt64?) {
        generator = Mutex(seed.map { SplitMix(state: $0) } ?? SystemRandomNumberGenerator())
    }

    func with<Value>(_ body: (inout any RandomNumberGenerator & Sendable) -> Value) -> Value {
        generator.withLock { generator in body(&generator) }
    }
}
