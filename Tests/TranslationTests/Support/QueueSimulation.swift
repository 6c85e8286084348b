import Jobs
import Kernel

@testable import Translation

/// Pictures that go through the three stages of the pipeline, moment by moment: what is foretold to their tasks, beside
/// what came true. Time is a number, so a run is the same each time.
struct QueueSimulation {
    /// What is sent, and what works on it.
    struct Load: Sendable {
        /// When a client sends a task of so many pictures.
        var arrivals: [(at: Double, client: Int, count: Int)] = []
        /// Seconds that a picture is read, waits for a translator, and is drawn.
        var stages: @Sendable (inout SeededChance) -> [Double]
        /// Pictures that are read at once, as many again that are drawn, by the second.
        var lanes: @Sendable (Double) -> Int = { _ in 4 }
        /// Pictures that wait for translators at once.
        var width = 50
        /// Pictures whose translation may begin in a minute; those that may not are put off until the next.
        var perMinute: Int?
        /// Lanes of the process that is asked.
        var known = 4
    }

    /// One answer: in seconds.
    struct Telling: Sendable {
        let told: Double
        let came: Double
        var error: Double { abs(told - came) / max(1, came) }
    }

    private struct Picture {
        let task: Int
        let client: Int
        let turn: Int
        let stages: [Double]
        var stage = 0
        var isRunning = false
        /// When the stage that runs ends, or when one that is put off may run.
        var until = 0.0
        /// When the first stage began.
        var start: Double?
        /// When the stage that runs began.
        var since = 0.0
        var end: Double?
    }

    private let load: Load
    private var chance: SeededChance
    private var now = 0.0
    private var arrivals: [(at: Double, client: Int, count: Int)]
    private var pictures: [Picture] = []
    /// The pictures that are not done.
    private var open: [Int] = []
    private var done: [Picture] = []
    private var used: [Int: Int] = [:]
    private var told: [(task: Int, at: Double, seconds: Double)] = []
    private var tasks = 0

    private init(_ load: Load, seed: UInt64) {
        self.load = load
        chance = SeededChance(state: seed)
        arrivals = load.arrivals.sorted { $0.at < $1.at }.reversed()
    }

    /// Asks for every task when it comes and every 10 seconds until it is done.
    static func run(_ load: Load, seed: UInt64) -> [Telling] {
        var simulation = QueueSimulation(load, seed: seed)
        return simulation.run()
    }

    private mutating func run() -> [Telling] {
        var nextPoll = 0.0
        while !arrivals.isEmpty || !open.isEmpty {
            let ends = open.compactMap { pictures[$0].until > now ? pictures[$0].until : nil }
            now = min(nextPoll, arrivals.last?.at ?? .infinity, ends.min() ?? .infinity)
            endStages()
            var new: [Int] = []
            while let next = arrivals.last, next.at <= now {
                arrivals.removeLast()
                new.append(take(next.client, next.count))
            }
            if !new.isEmpty { tell(new) }
            fill()
            if nextPoll <= now {
                nextPoll += 10
                tell(Set(open.map { pictures[$0].task }).sorted())
            }
        }
        let ends = pictures.reduce(into: [:]) { $0[$1.task] = max($0[$1.task] ?? 0, $1.end ?? 0) }
        return told.map { Telling(told: $0.seconds, came: (ends[$0.task] ?? 0) - $0.at) }
    }

    /// The turns are those of `FairTurns`.
    private mutating func take(_ client: Int, _ count: Int) -> Int {
        let current = open.map { pictures[$0].turn }.min() ?? 0
        let own = open.compactMap { pictures[$0].client == client ? pictures[$0].turn + 1 : nil }.max() ?? 0
        for place in 0..<count {
            open.append(pictures.count)
            let (turn, stages) = (max(current, own) + place, load.stages(&chance))
            pictures.append(Picture(task: tasks, client: client, turn: turn, stages: stages))
        }
        tasks += 1
        return tasks - 1
    }

    private mutating func endStages() {
        for index in open where pictures[index].isRunning && pictures[index].until <= now {
            pictures[index].isRunning = false
            pictures[index].stage += 1
            guard pictures[index].stage == 3 else { continue }
            pictures[index].end = now
            done.append(pictures[index])
        }
        open.removeAll { pictures[$0].end != nil }
    }

    /// Free lanes take the lowest turns.
    private mutating func fill() {
        for stage in 0..<3 {
            let atStage = open.filter { pictures[$0].stage == stage }
            let width = stage == 1 ? load.width : load.lanes(now)
            var free = width - atStage.count { pictures[$0].isRunning }
            let ready = atStage.filter { !pictures[$0].isRunning && pictures[$0].until <= now }
            for index in ready.sorted(by: { (pictures[$0].turn, $0) < (pictures[$1].turn, $1) }) where free > 0 {
                if stage == 1, let limit = load.perMinute {
                    let minute = Int(now / 60)
                    guard used[minute, default: 0] < limit else {
                        pictures[index].until = Double(minute + 1) * 60
                        continue
                    }
                    used[minute, default: 0] += 1
                }
                free -= 1
                pictures[index].isRunning = true
                pictures[index].until = now + pictures[index].stages[stage]
                pictures[index].since = now
                if stage == 0 { pictures[index].start = now }
            }
        }
    }

    private mutating func tell(_ tasks: [Int]) {
        var recent = RecentTimes((0..<3).map { stage in done.suffix(RecentTimes.sample).map { $0.stages[stage] } })
        let running = open.count { pictures[$0].isRunning }
        for task in tasks {
            let own = open.filter { pictures[$0].task == task }
            guard let index = own.last else { continue }
            let last = pictures[index]
            let lines = (0..<3).map { line(before: index, at: $0) }
            recent.perSecond = lines.contains { $0.delayed > 0 } ? rate : 0
            let place = RecentTimes.Place(
                stage: last.stage,
                age: last.isRunning ? now - last.since : nil,
                lines: lines,
                beside: own.dropLast().compactMap { index in
                    let picture = pictures[index]
                    return picture.isRunning ? .init(stage: picture.stage, age: now - picture.since) : nil
                },
                together: max(1, min(own.count, running)),
            )
            told.append((task, now, recent.wait(for: place, lanes: load.known)))
        }
    }

    private func line(before picture: Int, at stage: Int) -> JobLine {
        var line = JobLine()
        for (index, other) in open.lazy.map({ ($0, pictures[$0]) }) where other.stage == stage {
            let isBefore = (other.turn, index) < (pictures[picture].turn, picture)
            if other.isRunning {
                line.running += 1
                line.runningBefore += isBefore ? 1 : 0
                line.worked += .milliseconds(Int64((now - other.since) * 1000))
            } else if isBefore, other.until > now {
                line.delayed += 1
            } else if isBefore {
                line.ready += 1
            }
        }
        return line
    }

    /// As the store counts it.
    private var rate: Double {
        guard let begun = done.suffix(RecentTimes.sample).compactMap(\.start).min() else { return 0 }
        let window = min(120, max(1, now - begun))
        return Double(done.reversed().prefix { ($0.end ?? 0) > now - window }.count) / window
    }
}

/// Knuth's linear congruential generator (MMIX): the same course for the same seed.
struct SeededChance: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state.byteSwapped ^ state
    }
}
