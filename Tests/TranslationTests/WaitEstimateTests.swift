import Kernel
import Testing

@testable import Translation

/// How well the rule foretells when a picture is done, in queues whose course is known.
@Suite struct WaitEstimateTests {
    /// Pictures that are all sent at once, and worked on `width` at a time; each takes 4 to 6 seconds. Gives each
    /// moment's estimate for the last one and how long it took from then.
    private func estimates(width: Int, lanes: Int, seed: UInt64) -> [(told: Double, true: Double)] {
        var chance = Congruential(state: seed)
        var free = [Double](repeating: 0, count: width)
        var done: [(start: Double, end: Double)] = []
        for _ in 0..<400 {
            let (index, start) = free.enumerated().min { $0.element < $1.element } ?? (0, 0)
            free[index] = start + Double.random(in: 4...6, using: &chance)
            done.append((start, free[index]))
        }
        done.sort { $0.end < $1.end }
        let last = done[done.count - 1].end
        return (50..<350).map { count in
            let latest = done[..<count].suffix(40)
            let (now, first) = (latest[latest.endIndex - 1].end, latest[latest.startIndex].end)
            let recent = RecentTimes(
                mean: .milliseconds(Int64(latest.map { $0.end - $0.start }.reduce(0, +) / 40 * 1000)),
                perSecond: now > first ? 39 / (now - first) : nil,
            )
            return (recent.wait(for: done.count - count, lanes: lanes).seconds, last - now)
        }
    }

    @Test(
        "the median error is below 30 %, whatever is known of the width",
        arguments: [1, 2, 8, 40],
        [1, 2, 3] as [UInt64],
    )
    func medianError(width: Int, seed: UInt64) {
        for lanes in [1, min(2, width)] {
            let errors = estimates(width: width, lanes: lanes, seed: seed).map { abs($0.told - $0.true) / $0.true }
                .sorted()
            #expect(errors[errors.count / 2] < 0.3, "\(width) at once, \(lanes) lanes")
        }
    }

    @Test func whereFewWereSentOneTakesAsLongAsTheOthersTook() {
        let idle = RecentTimes(mean: .seconds(2), perSecond: 0.01)
        #expect(idle.wait(for: 1, lanes: 2) == .seconds(2))
        #expect(idle.wait(for: 6, lanes: 2) == .seconds(6))
    }

    @Test func nothingIsKnownAtFirst() {
        #expect(RecentTimes().wait(for: 4, lanes: 2) == .seconds(6))
    }
}

/// Knuth's linear congruential generator (MMIX): the same course for the same seed.
private struct Congruential: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state.byteSwapped ^ state
    }
}
