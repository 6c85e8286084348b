import Kernel
import Testing

@testable import Jobs

@Suite struct RetryPolicyTests {
    @Test("full jitter stays between zero and the doubled bound, and reaches into every quarter of it")
    func fullJitter() {
        var chance = SplitMix(state: 42)
        let policy = RetryPolicy.exponential(attempts: 99, base: .seconds(2), cap: .seconds(600))
        for attempt in 1...60 {
            let bound = min(600.0, 2 * Double(1 << min(attempt - 1, 40)))
            var quarters: Set<Int> = []
            for _ in 0..<200 {
                let delay = policy.delay(after: attempt, using: &chance).seconds
                quarters.insert(delay == bound ? 3 : Int((delay / bound * 4).rounded(.down)))
            }
            #expect(quarters == [0, 1, 2, 3], "attempt \(attempt)")
        }
    }

    @Test("without jitter the wait doubles up to the cap")
    func plain() {
        var chance = SplitMix(state: 1)
        let policy = RetryPolicy.exponential(base: .seconds(3), cap: .seconds(20), jitter: false)
        #expect((1...5).map { policy.delay(after: $0, using: &chance).seconds } == [3, 6, 12, 20, 20])
    }

    @Test("fixed waits are used in order, one try more than waits")
    func fixed() {
        var chance = SplitMix(state: 1)
        let policy = RetryPolicy.delays([.seconds(5), .seconds(50)])
        #expect(policy.maxAttempts == 3)
        #expect((1...3).map { policy.delay(after: $0, using: &chance).seconds } == [5, 50, 50])
        #expect(RetryPolicy.never.maxAttempts == 1)
        #expect(RetryPolicy.never.delay(after: 1, using: &chance) == .zero)
    }

    static let extremes: [(base: Duration, cap: Duration)] = [
        (.zero, .zero), (.seconds(1), .zero), (.seconds(1_000_000_000), .seconds(1_000_000_000_000)),
        (.milliseconds(1), .milliseconds(Int64.max / 2)),
    ]

    @Test("no base, cap or attempt overflows", arguments: extremes)
    func extreme(base: Duration, cap: Duration) {
        var chance = SplitMix(state: 7)
        let policy = RetryPolicy.exponential(attempts: .max, base: base, cap: cap)
        for attempt in [0, 1, 41, 62, 63, 64, 1000, .max] {
            #expect((.zero...max(base, cap)).contains(policy.delay(after: attempt, using: &chance)))
        }
    }

    @Test("the same seed gives the same chance")
    func seeded() {
        func draws(_ seed: UInt64) -> [Duration] {
            let chance = Chance(seed: seed)
            return (1...20).map { attempt in
                chance.with { RetryPolicy.exponential().delay(after: attempt, using: &$0) }
            }
        }
        #expect(draws(1) == draws(1))
        #expect(draws(1) != draws(2))
    }
}
