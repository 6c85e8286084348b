import Glibc
import Jobs
import Kernel

/// How long the stages of the latest pictures took: what is foretold follows from it.
struct RecentTimes: Sendable, Equatable {
    /// Of each stage in seconds, without what was waited for it; ascending, never empty.
    private let stages: [[Double]]
    /// Pictures that came in a second, counted where they wait for a moment instead of for each other; 0 for unknown.
    var perSecond = 0.0

    /// From so many pictures. Where slow ones and fast ones are worked on side by side, the fast ones of a burst are
    /// done first; they must not be all that is known.
    static let sample = 500
    /// What is expected of the very first picture: 3 seconds.
    private static let firstGuess = [1.5, 0.0, 1.5]

    init(_ stages: [[Double]] = [[], [], []]) {
        self.stages = zip(stages, Self.firstGuess).map { $0.isEmpty ? [$1] : $0.sorted() }
    }

    /// A picture that is worked on, or is about to be.
    struct Work: Sendable {
        /// From 0: reading, translating, drawing.
        let stage: Int
        /// How long the stage works on it, in seconds; 0 before.
        var age = 0.0
    }

    /// Where the last picture of a task is.
    struct Place: Sendable {
        /// From 0: reading, translating, drawing.
        let stage: Int
        /// How long the stage works on it, in seconds; `nil` while it waits for that.
        let age: Double?
        /// Who is before it at each of the stages.
        let lines: [JobLine]
        /// Pictures of its task that are worked on before or beside it, in the order of their turns.
        var beside: [Work] = []
        /// Pictures of its task that will be worked on side by side, itself included.
        var together = 1
    }

    /// Seconds until a picture is done: the longest of what its own work takes and of the lines at the stages that it
    /// is still to come to.
    ///
    /// What waits before it at a stage, or is still to come there, must be begun first; then come the stage and the later
    /// ones. Stages before the slowest one make nobody wait longer.
    func wait(for place: Place, lanes: Int) -> Double {
        let own = [(Work(stage: place.stage, age: place.age ?? 0), 1)]
        let fresh = place.together - place.beside.count - 1
        let others = (fresh > 0 ? [(Work(stage: place.stage), fresh)] : []) + place.beside.reversed().map { ($0, 1) }
        var wait = end(of: own + others, place.lines)
        for stage in place.stage..<stages.count where stage > place.stage || place.age == nil {
            guard let rate = rate(of: stage, for: place, lanes: lanes) else { continue }
            let before = place.lines[..<stage].map(\.before).reduce(place.lines[stage].waiting, +)
            // Half a picture: those that are worked on are half done on average.
            let last = end(of: [(Work(stage: stage), place.together)], place.lines)
            wait = max(wait, (Double(before) + 0.5) / rate + last)
        }
        return wait
    }

    /// What all stages need for a picture, in seconds.
    var whole: Double { end(of: [(Work(stage: 0), 1)], stages.map { _ in JobLine() }) }

    /// Pictures that come out of a stage in a second; `nil` where nobody waits.
    private func rate(of stage: Int, for place: Place, lanes: Int) -> Double? {
        let line = place.lines[stage]
        // Who waits for a moment waits for a quota, and that says how many may come, not how many are worked on.
        if line.delayed > 0, perSecond > 0 { return perSecond }
        guard line.ready + line.delayed > 0 || stage == place.stage else { return nil }
        return Double(max(1, lanes, line.running)) / max(0.001, mean(of: stage, line))
    }

    private func mean(of stage: Int, _ line: JobLine) -> Double {
        let times = times(of: stage, line)
        return times.reduce(0, +) / Double(times.count)
    }

    /// How long a stage works on pictures, ascending. Those that it works on now count as those that took longer than they
    /// took so far: the fast ones of a burst are done first and know nothing of the slow ones. Where none took longer, the
    /// stage has become slower, and they are half done on average.
    private func times(of stage: Int, _ line: JobLine) -> [Double] {
        let known = stages[stage]
        guard line.running > 0 else { return known }
        let age = line.worked.seconds / Double(line.running)
        let longer = known.filter { $0 > age }
        let whole = longer.isEmpty ? 2 * age : longer.reduce(0, +) / Double(longer.count)
        let shorter = known.prefix { $0 <= whole }
        return shorter + Array(repeating: whole, count: min(line.running, 1000)) + known[shorter.endIndex...]
    }

    /// Seconds until the last of some pictures is done whose work goes on from now: of all times the one that is most likely
    /// right, which is within 30 %. Where very short and very long times are known, none between them ever comes true.
    private func end(of pictures: [(work: Work, count: Int)], _ lines: [JobLine]) -> Double {
        let times = stages.indices.map { self.times(of: $0, lines[$0]) }
        let kinds = pictures.prefix(Self.mostKinds).map { work, count in
            (remaining: remaining(of: work, times), count: count)
        }
        let all = kinds.flatMap(\.remaining).sorted()
        let moments = (0..<Self.quantiles).map { quantile($0, of: all) }
        // All are done by a moment with the product of the probabilities of each.
        let done = moments.map { moment in
            kinds.map { pow(share(of: $0.remaining, upTo: moment), Double($0.count)) }.reduce(1, *)
        }
        let median = moments[min(moments.count - 1, done.partitioningIndex { $0 >= 0.5 })]
        let chances = moments.map { told in
            let before = moments.partitioningIndex { $0 >= min(told - 0.3, told / 1.3) }
            let within = moments.partitioningIndex { $0 > max(told + 0.3, told / 0.7) }
            return (done[..<within].last ?? 0) - (done[..<before].last ?? 0)
        }
        let best = chances.max() ?? 0
        let likely = zip(moments, chances).filter { $0.1 >= best - 0.02 }.map(\.0)
        return likely.min { abs($0 - median) < abs($1 - median) } ?? median
    }

    /// Of more that have come differently far, those that came last say how long the last one takes.
    private static let mostKinds = 16
    /// Times that are taken of all that are known.
    private static let quantiles = 64

    /// Likely seconds until a picture is done, ascending: what the stage still needs, and a time of each later one. Times of
    /// stages that go together are not known; every long one comes with short and long ones of the others.
    private func remaining(of work: Work, _ times: [[Double]]) -> [Double] {
        let longer = times[work.stage].filter { $0 > work.age }
        // Who outlasts all needs about as long again as it is late.
        let late = work.age - (times[work.stage].last ?? 0)
        return (0..<Self.quantiles).map { number in
            var seconds = longer.isEmpty ? late : quantile(number, of: longer) - work.age
            for (stage, stride) in zip((work.stage + 1)..<max(work.stage + 1, times.count), [37, 23]) {
                seconds += quantile(number * stride % Self.quantiles, of: times[stage])
            }
            return seconds
        }.sorted()
    }

    private func quantile(_ number: Int, of times: [Double]) -> Double {
        times[(2 * number + 1) * times.count / (2 * Self.quantiles)]
    }

    private func share(of times: [Double], upTo seconds: Double) -> Double {
        Double(times.partitioningIndex { $0 > seconds }) / Double(times.count)
    }
}
