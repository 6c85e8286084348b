import Synchronization

/// The queue's source of jitter: the system's, or a repeatable one for tests.
final class Chance: Sendable {
    private let generator: Mutex<any RandomNumberGenerator & Sendable>

    init(seed: UInt64?) {
        generator = Mutex(seed.map { SplitMix64(state: $0) } ?? SystemRandomNumberGenerator())
    }

    func with<Value>(_ body: (inout any RandomNumberGenerator & Sendable) -> Value) -> Value {
        generator.withLock { generator in body(&generator) }
    }
}

/// Source: Sebastiano Vigna, splitmix64.c, 2015 (public domain).
struct SplitMix64: RandomNumberGenerator, Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
