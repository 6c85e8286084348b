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

    /// Where a picture is.
    struct Place: Sendable {
        /// From 0: reading, translating, drawing.
        let stage: Int
        /// How long the stage works on it, in seconds; `nil` while it waits for that.
        let age: Double?
        /// Who is before it at each of the stages.
        let lines: [JobLine]
        /// Pictures that are worked on side by side with this, the last one's end being asked for.
        var together = 1
    }

    /// Seconds until a picture is done: the longest of what its own work takes and of the lines at the stages that it
    /// is still to come to.
    ///
    /// What waits before it at a stage, or is still to come there, must be begun first; then come the stage and the later
    /// ones. Stages before the slowest one make nobody wait longer.
    func wait(for place: Place, lanes: Int) -> Double {
        var wait = work(of: place)
        for stage in place.stage..<stages.count where stage > place.stage || place.age == nil {
            guard let rate = rate(of: stage, for: place, lanes: lanes) else { continue }
            let before = place.lines[..<stage].map(\.before).reduce(place.lines[stage].waiting, +)
            // Half a picture: those that are worked on are half done on average.
            wait = max(wait, (Double(before) + 0.5) / rate + rest(after: stage - 1, of: place))
        }
        return wait
    }

    /// What all stages need for a picture, in seconds.
    var whole: Double { stages.map { longest(of: 1, among: $0) }.reduce(0, +) }

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

    private func work(of place: Place) -> Double {
        let times = times(of: place.stage, place.lines[place.stage])
        let later = rest(after: place.stage, of: place)
        guard let age = place.age else { return longest(of: place.together, among: times) + later }
        let longer = times.filter { $0 > age }
        // Who outlasts all needs about as long again as it is late.
        guard !longer.isEmpty else { return age - (times.last ?? 0) + later }
        return longest(of: place.together, among: longer) - age + later
    }

    /// What the stages after one need for the last of some pictures.
    private func rest(after stage: Int, of place: Place) -> Double {
        ((stage + 1)..<stages.count)
            .map { longest(of: place.together, among: times(of: $0, place.lines[$0])) }.reduce(0, +)
    }

    /// The longest of so many is as often longer as shorter than this: all of them are within the share `p` of all times
    /// with the probability `p` to the power of their number.
    private func longest(of count: Int, among times: [Double]) -> Double {
        times[min(times.count - 1, Int(Double(times.count) * exp2(-1 / Double(count))))]
    }
}
