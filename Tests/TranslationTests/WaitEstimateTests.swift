import Foundation
import Jobs
import Kernel
import Testing

@testable import Translation

/// How well the rule foretells when a task is done, in queues whose course is known.
@Suite(.timeLimit(.minutes(5))) struct WaitEstimateTests {
    struct Kind: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let load: @Sendable (inout SeededChance) -> QueueSimulation.Load
    }

    private static func local(_ chance: inout SeededChance) -> [Double] {
        [.random(in: 0.8...1.4, using: &chance), 0.1, .random(in: 0.5...1.1, using: &chance)]
    }

    private static func slow(_ chance: inout SeededChance) -> [Double] {
        [.random(in: 0.3...0.5, using: &chance), .random(in: 30...60, using: &chance), 0.3]
    }

    /// Tasks of 1 to 4 pictures of some clients, `perSecond` pictures on average.
    private static func steady(
        _ perSecond: Double,
        until end: Double,
        _ chance: inout SeededChance,
    ) -> [(at: Double, client: Int, count: Int)] {
        var arrivals: [(at: Double, client: Int, count: Int)] = []
        var at = 0.0
        while at < end {
            at -= log(Double.random(in: 0.0001..<1, using: &chance)) * 2.5 / perSecond
            arrivals.append((at, .random(in: 0..<20, using: &chance), .random(in: 1...4, using: &chance)))
        }
        return arrivals
    }

    static let kinds = [
        Kind(testDescription: "a burst") { _ in
            .init(arrivals: (0..<60).map { (0, $0 % 7, 5) }, stages: local)
        },
        // Four lanes of 1.1 seconds: 3.6 pictures in a second.
        Kind(testDescription: "half of the capacity") { chance in
            .init(arrivals: steady(1.8, until: 400, &chance), stages: local)
        },
        Kind(testDescription: "near the capacity") { chance in
            .init(arrivals: steady(3.4, until: 400, &chance), stages: local)
        },
        Kind(testDescription: "one lane, few pictures") { chance in
            .init(arrivals: steady(0.3, until: 900, &chance), stages: local, lanes: { _ in 1 }, known: 1)
        },
        Kind(testDescription: "clients with much and with little") { chance in
            let small = steady(0.5, until: 200, &chance).map { (at: $0.at, client: $0.client + 10, count: $0.count) }
            return .init(arrivals: [(0, 0, 300), (0, 1, 150), (30, 2, 80)] + small, stages: local)
        },
        Kind(testDescription: "lanes come and go") { chance in
            .init(
                arrivals: (0..<80).map { (0, $0 % 7, 5) } + steady(1, until: 300, &chance),
                stages: local,
                lanes: { [4, 8, 2, 6][Int($0 / 60) % 4] },
                known: 2,
            )
        },
        Kind(testDescription: "many slow ones at once") { chance in
            .init(arrivals: (0..<100).map { (0, $0 % 9, 4) }, stages: slow, known: 2)
        },
        Kind(testDescription: "slow ones, hundreds side by side") { chance in
            .init(arrivals: steady(4, until: 200, &chance), stages: slow, width: 400, known: 2)
        },
        Kind(testDescription: "slow and fast ones") { chance in
            .init(
                arrivals: (0..<60).map { (300, $0 % 7, 5) } + steady(0.5, until: 300, &chance),
                stages: { chance in
                    let long = Double.random(in: 0..<1, using: &chance) < 0.25
                    return long ? slow(&chance) : [0.5, .random(in: 5...20, using: &chance), 0.3]
                },
                width: 20,
                known: 2,
            )
        },
        Kind(testDescription: "mostly fast ones, some very slow") { chance in
            .init(
                arrivals: steady(1, until: 600, &chance),
                stages: { chance in
                    let long = Double.random(in: 0..<1, using: &chance) < 0.2
                    return [
                        .random(in: 0.3...0.5, using: &chance),
                        long ? .random(in: 30...60, using: &chance) : .random(in: 0.5...2, using: &chance), 0.3,
                    ]
                },
                known: 2,
            )
        },
        Kind(testDescription: "drawing is slower than reading") { _ in
            .init(
                arrivals: (0..<60).map { (0, $0 % 7, 5) },
                stages: { [0.5, 0.1, .random(in: 0.8...1.6, using: &$0)] },
            )
        },
        Kind(testDescription: "a quota") { chance in
            .init(
                arrivals: (0..<60).map { (0, $0 % 7, 5) } + steady(0.2, until: 300, &chance),
                stages: { [0.4, .random(in: 3...6, using: &$0), 0.4] },
                perMinute: 40,
            )
        },
    ]

    @Test("the median error is below 30 %", arguments: kinds, [1, 2, 3] as [UInt64])
    func medianError(_ kind: Kind, seed: UInt64) {
        var chance = SeededChance(state: seed)
        let errors = QueueSimulation.run(kind.load(&chance), seed: seed).map(\.error).sorted()
        #expect(errors.count > 50)
        #expect(errors[errors.count / 2] < 0.3)
    }

    @Test func nothingIsKnownAtFirst() {
        let lines = [JobLine(ready: 3), JobLine(), JobLine()]
        let place = RecentTimes.Place(stage: 0, age: nil, lines: lines)
        #expect(RecentTimes().wait(for: place, lanes: 2) == 3.5 * 1.5 / 2 + 3)
    }

    @Test func whoseWorkIsBegunWaitsForNobodyAtThatStage() {
        let recent = RecentTimes([[1], [40], [1]])
        let lines = [JobLine(), JobLine(ready: 500, runningBefore: 9, running: 10), JobLine()]
        #expect(recent.wait(for: .init(stage: 1, age: 30, lines: lines), lanes: 2) == 11)
        #expect(recent.wait(for: .init(stage: 1, age: nil, lines: lines), lanes: 2) == 500.5 * 4 + 41)
    }

    @Test func theLastPictureCountsHoweverManyAreBesideIt() {
        let recent = RecentTimes([[10], [20], [1]])
        let lines = [JobLine(running: 1), JobLine(), JobLine(running: 40)]
        let beside = Array(repeating: RecentTimes.Work(stage: 2, age: 0.5), count: 40)
        let place = RecentTimes.Place(stage: 0, age: 0, lines: lines, beside: beside, together: 41)
        #expect(recent.wait(for: place, lanes: 2) == 31)
    }

    /// Two in a hundred take a minute: one alone will hardly, of a hundred one does.
    @Test func theLastOfManyIsALongOne() {
        let recent = RecentTimes([[1], Array(repeating: 2, count: 98) + [60, 60], [1]])
        let lines = [JobLine(), JobLine(), JobLine()]
        func wait(_ together: Int) -> Double {
            recent.wait(for: .init(stage: 1, age: 0, lines: lines, together: together), lanes: 2)
        }
        #expect(wait(1) == 3)
        #expect(wait(100) == 61)
    }

    @Test func aStageThatBecameSlowerIsNoticedBeforeItsFirstPictureIsDone() {
        let recent = RecentTimes([[1], [1], [1]])
        var slow = JobLine(ready: 100, running: 9)
        let before = recent.wait(for: .init(stage: 1, age: nil, lines: [JobLine(), slow, JobLine()]), lanes: 1)
        slow.worked = .seconds(9 * 60)
        let after = recent.wait(for: .init(stage: 1, age: nil, lines: [JobLine(), slow, JobLine()]), lanes: 1)
        #expect(after > 40 * before)
    }
}
