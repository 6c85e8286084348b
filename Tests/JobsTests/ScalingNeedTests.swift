import Kernel
import Testing

@testable import Jobs

/// What the pure decision promises where the partner of a queue has quotas.
@Suite struct ScalingNeedTests {
    private static let start = ScalingDecisionTests.start

    @Test("it grows up to what the quotas can use, and says so")
    func growsToTheNeed() {
        var state = ScalingState(concurrency: 10)
        var now = Self.start
        for expected in [35, 42, 42] {
            state = state.decide(late(state, need: .jobs(41.2)), ScalingDecisionTests.policy, now: now)
            #expect(state.concurrency == expected)
            now = now + .seconds(30)
        }
        #expect(state.factor == .quota)
        state = state.decide(late(state, need: .unknown), ScalingDecisionTests.policy, now: now)
        #expect((state.concurrency, state.factor) == (42, .quota), "who knows nothing lifts nothing")
        state = state.decide(late(state, need: .unlimited), ScalingDecisionTests.policy, now: now + .seconds(30))
        #expect((state.concurrency, state.factor) == (67, .queueWait))
    }

    @Test("what runs beyond the need goes at once, but not below the lower bound")
    func shrinksToTheNeed() {
        var state = ScalingState(concurrency: 30)
        state = state.decide(late(state, need: .jobs(17)), ScalingDecisionTests.policy, now: Self.start)
        #expect((state.concurrency, state.factor, state.history.last?.reason) == (17, .quota, .quota))
        state.need = nil
        state = state.decide(late(state, need: .jobs(0.5)), ScalingDecisionTests.policy, now: Self.start)
        #expect((state.concurrency, state.factor) == (10, .quota))
    }

    @Test(
        "no random course goes above the need, or takes two large steps within 30 seconds",
        arguments: 0..<100 as Range<UInt64>,
    )
    func randomCourse(seed: UInt64) {
        var chance = SplitMix(state: seed)
        let (low, high) = (Int.random(in: 1...50, using: &chance), Int.random(in: 50...1000, using: &chance))
        let policy = ScalingPolicy(min: low, max: high)
        var (state, now, lastLarge) = (ScalingState(concurrency: low), Self.start, nil as Timestamp?)
        for _ in 0..<400 {
            now = now + .seconds(Int.random(in: 5...12, using: &chance))
            var reading = late(state, need: .unknown)
            reading.wait = .milliseconds(Int.random(in: 0...20_000, using: &chance))
            reading.running = Int.random(in: 0...state.concurrency, using: &chance)
            let need = Double.random(in: 0...1200, using: &chance)
            reading.need = [.jobs(need), .jobs(need), .unknown, .unlimited].randomElement(using: &chance) ?? .unknown
            let next = state.decide(reading, policy, now: now)
            let step = abs(next.concurrency - state.concurrency)
            let bound = next.need.map { max(low, Int($0.rounded(.up))) } ?? high
            if next.concurrency > bound {
                #expect(now < next.coolDownUntil && next.concurrency - bound > 20 && step == 0)
            }
            #expect(next.concurrency <= max(state.concurrency, bound), "never grows above")
            if step > 0, let lastLarge { #expect(now - lastLarge >= .seconds(30) || step <= 20) }
            if step > 20 { lastLarge = now }
            state = next
        }
    }

    /// A partner with a quota of 600 a minute answers in 20 to 40 seconds; jobs come faster than that. Three processes
    /// see other answers, and decide in turns.
    @Test("under a steady load it settles and stays", arguments: 0..<20 as Range<UInt64>)
    func settles(seed: UInt64) {
        var chance = SplitMix(state: seed)
        let policy = ScalingPolicy(min: 10, max: 5000)
        var (state, now, waiting) = (ScalingState(concurrency: 10), Self.start, 0.0)
        var means = [30.0, 30, 30]
        var course: [Int] = []
        for round in 0..<400 {
            now = now + .seconds(5)
            // As the gateway takes the mean: each answer counts for a tenth.
            for process in means.indices {
                for _ in 0..<17 { means[process] = means[process] * 0.9 + .random(in: 20...40, using: &chance) * 0.1 }
            }
            let served = min(10, Double(state.concurrency) / 30)
            waiting = max(0, waiting + (11 - served) * 5)
            let mean = 10 * means[round % 3]
            let reading = ScalingReading(
                waiting: Int(waiting),
                running: state.concurrency,
                wait: .milliseconds(Int64(waiting / max(1, served) * 1000)),
                workers: 3,
                need: .jobs(mean + 3 * mean.squareRoot()),
            )
            state = state.decide(reading, policy, now: now)
            course.append(state.concurrency)
        }
        let settled = course.suffix(200)
        // 300 are needed for 10 in a second; Little's law with what is added for unevenness is 352.
        #expect(settled.allSatisfy { (300...400).contains($0) }, "\(settled.min() ?? 0)...\(settled.max() ?? 0)")
        let steps = zip(settled, settled.dropFirst()).map { abs($1 - $0) }
        #expect(steps.allSatisfy { $0 <= 20 })
    }

    private func late(_ state: ScalingState, need: QueueNeed) -> ScalingReading {
        ScalingReading(
            waiting: 99,
            running: state.concurrency,
            wait: .seconds(60),
            workers: 1,
            need: need,
        )
    }
}
