import Kernel
import Testing

@testable import Jobs

/// What the pure decision promises, whatever the readings.
@Suite struct ScalingDecisionTests {
    static let start = Timestamp(milliseconds: 1_767_225_600_000)
    static let policy = ScalingPolicy(min: 10, max: 200, targetWait: .seconds(2))

    private func reading(waiting: Int = 0, running: Int = 0, wait: Duration = .zero) -> ScalingReading {
        ScalingReading(waiting: waiting, running: running, wait: wait, workers: 1)
    }

    @Test(
        "the step grows with the distance from the target",
        arguments: [(2001, 5), (4000, 5), (4001, 10), (8000, 10), (8001, 15), (16_000, 15), (16_001, 25)],
    )
    func steps(milliseconds: Int, step: Int) {
        let late = reading(waiting: 1, running: 10, wait: .milliseconds(milliseconds))
        let next = ScalingState(concurrency: 10).decide(late, Self.policy, now: Self.start)
        #expect((next.concurrency, next.factor) == (10 + step, .queueWait))
    }

    @Test("a step over 20 is followed by 30 seconds without another")
    func coolDown() {
        let late = reading(waiting: 99, running: 10, wait: .seconds(60))
        var state = ScalingState(concurrency: 10).decide(late, Self.policy, now: Self.start)
        #expect(state.concurrency == 35)
        state = state.decide(late, Self.policy, now: Self.start + .milliseconds(29_999))
        #expect((state.concurrency, state.factor) == (35, .coolDown))
        state = state.decide(late, Self.policy, now: Self.start + .seconds(30))
        #expect((state.concurrency, state.factor) == (60, .queueWait))
    }

    @Test("three low readings in a row shrink, one that is not low begins anew")
    func lowReadings() {
        var state = ScalingState(concurrency: 100)
        let busy = reading(running: 100)
        for (reading, expected) in [
            (reading(), 100), (reading(), 100), (busy, 100), (reading(), 100), (reading(), 100), (reading(), 90),
            (reading(), 90),
        ] {
            state = state.decide(reading, Self.policy, now: Self.start)
            #expect((state.concurrency, state.factor) == (expected, .none))
        }
    }

    @Test("at the upper bound, and with every kind paused, it says so")
    func factors() {
        let late = reading(waiting: 99, running: 195, wait: .seconds(3))
        let state = ScalingState(concurrency: 197).decide(late, Self.policy, now: Self.start)
        #expect((state.concurrency, state.factor) == (200, .max))
        var paused = late
        paused.isPaused = true
        let next = state.decide(paused, Self.policy, now: Self.start)
        #expect((next.concurrency, next.factor) == (200, .breakerOpen))
    }

    @Test(
        "a step takes no more than there is memory for, in every process",
        arguments: [
            (nil, 1, 25, .queueWait), (25 << 20, 1, 25, .queueWait), (25 << 20 - 1, 1, 24, .memory),
            (7 << 20, 3, 21, .memory), (1 << 20 - 1, 5, 0, .memory), (-(9 << 20), 1, 0, .memory),
            (.max, 5, 25, .queueWait),
        ] as [(Int64?, Int, Int, LimitingFactor)],
    )
    func memory(room: Int64?, workers: Int, step: Int, factor: LimitingFactor) {
        var late = reading(waiting: 99, running: 10, wait: .seconds(60))
        (late.room, late.workers) = (room, workers)
        let next = ScalingState(concurrency: 10).decide(late, Self.policy, now: Self.start)
        #expect((next.concurrency, next.factor) == (10 + step, factor))
    }

    @Test("without memory nothing is taken back either, and the lower bound holds")
    func noMemory() {
        var late = reading(waiting: 99, running: 50, wait: .seconds(60))
        late.room = 0
        let next = ScalingState(concurrency: 50).decide(late, Self.policy, now: Self.start)
        #expect((next.concurrency, next.factor) == (50, .memory))
        #expect(ScalingState(concurrency: 1).decide(late, Self.policy, now: Self.start).concurrency == 10)
        late.waiting = 0
        late.wait = .zero
        #expect(ScalingState(concurrency: 50).decide(late, Self.policy, now: Self.start).factor == .none)
    }

    @Test("bounds that move are told as the reason", arguments: [(5, 10), (500, 200)])
    func bounds(concurrency: Int, settled: Int) {
        let next = ScalingState(concurrency: concurrency).decide(reading(running: 3), Self.policy, now: Self.start)
        #expect(
            next.history == [
                ScalingChange(at: Self.start, from: concurrency, to: settled, pressure: 3, reason: .bounds)
            ]
        )
    }

    @Test(
        "every random course keeps the bounds, the cool-down and the three readings",
        arguments: 0..<50 as Range<UInt64>,
    )
    func randomCourse(seed: UInt64) {
        var chance = SplitMix(state: seed)
        let (low, high) = (Int.random(in: 1...20, using: &chance), Int.random(in: 20...400, using: &chance))
        let policy = ScalingPolicy(min: low, max: high)
        var (state, now) = (ScalingState(concurrency: low), Self.start)
        var (lastLarge, calm): (Timestamp?, Int) = (nil, 0)
        for _ in 0..<400 {
            now = now + .seconds(Int.random(in: 5...12, using: &chance))
            let isCalm = Bool.random(using: &chance)
            var reading = reading(
                waiting: isCalm ? 0 : Int.random(in: 0...50, using: &chance),
                running: Int.random(in: 0...state.concurrency, using: &chance),
                wait: isCalm ? .zero : .milliseconds(Int.random(in: 0...30_000, using: &chance)),
            )
            if Bool.random(using: &chance) { reading.room = Int64.random(in: -9...30, using: &chance) << 20 }
            let next = state.decide(reading, policy, now: now)
            let step = next.concurrency - state.concurrency
            if let room = reading.room {
                #expect(step <= max(0, room >> 20))
                if next.factor == .memory { #expect(reading.wait > policy.targetWait && step < 25) }
            } else {
                #expect(next.factor != .memory)
            }
            calm = reading.wait <= policy.targetWait / 2 ? calm + 1 : 0
            #expect((low...high).contains(next.concurrency))
            #expect(step <= 25 && step >= -10)
            if step < 0 { #expect(calm >= 3 && next.concurrency >= reading.running) }
            if step > 0 { #expect(reading.wait > policy.targetWait) }
            if step != 0, let lastLarge { #expect(now - lastLarge >= .seconds(30)) }
            if step > 20 { lastLarge = now }
            #expect(next.history.count <= 10)
            if step == 0 {
                #expect(next.history == state.history)
            } else {
                #expect(next.history.last?.from == state.concurrency && next.history.last?.to == next.concurrency)
                #expect(next.history.last?.reason == (step > 0 ? .queueWait : .idle))
            }
            state = next
        }
    }

    @Test("the shares of all workers add up, differ by one at most, and are never zero")
    func shares() {
        let workers = (0..<7).map { _ in ID<JobWorker>() }
        for concurrency in 1...100 {
            let shares = workers.compactMap { laneShare(of: concurrency, for: $0, among: workers) }
            #expect(shares.count == 7 && shares.allSatisfy { $0 >= 1 })
            #expect(shares.reduce(0, +) == max(7, concurrency))
            #expect((shares.max() ?? 0) - (shares.min() ?? 0) <= 1)
        }
        #expect(laneShare(of: 5, for: ID(), among: workers) == nil)
    }
}
