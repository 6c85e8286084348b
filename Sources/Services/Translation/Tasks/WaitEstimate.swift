import Jobs
import Kernel
import Synchronization

/// How long clients will wait, from what pictures took lately.
final class WaitEstimate: Sendable {
    private let images: TranslationImageStore
    private let jobs: JobQueue
    /// Pictures that are read, and as many that are drawn, at once by this process.
    private let lanes: Int
    private let time: any TimeSource
    // Many polls and new tasks in a second need not each look at hundreds of pictures.
    private let latest = FoundLately<Latest>()
    private let waiting = FoundLately<WaitingJobs>()

    init(images: TranslationImageStore, jobs: JobQueue, lanes: Int, time: any TimeSource) {
        self.images = images
        self.jobs = jobs
        self.lanes = lanes
        self.time = time
    }

    /// What is known of the latest pictures.
    struct Latest: Sendable {
        let times: RecentTimes
        /// When the first of them was begun; `nil` without any.
        let begun: Timestamp?
    }

    /// What a task has before it.
    struct Outlook: Sendable {
        /// Until it is done, at least 2; at most 300, as the original told it, unless a picture is put off for longer.
        let seconds: Int
        /// Pictures that come before its next one; `nil` when none of its pictures waits for its beginning.
        let position: Int?
    }

    /// A picture whose job may not run for longer than this stands in nobody's way: nobody is told to wait longer for
    /// others.
    static let horizon = Duration.seconds(300)
    /// Who waits behind so many does not care how many more they are.
    private static let longestCount = 10_000
    /// Every new task counts so many by itself; behind more, nobody notices who came or went in the last two seconds.
    private static let exactCount = 1000
    private static let queues = [
        TranslationModule.readQueue, TranslationModule.translateQueue, TranslationModule.renderQueue,
    ]
    /// Over how long it is counted how many pictures a quota lets through: two of its minutes.
    private static let window = Duration.seconds(120)

    /// Whole seconds until a task that came right now is done, at least 1.
    func seconds(for created: CreateTask.Created) async throws -> Int {
        let open = if let queued = created.queued { queued } else { try await images.open(of: created.id) }
        return whole(max(1, try await seconds(open, at: time.now)))
    }

    func outlook(for state: TaskState) async throws -> Outlook {
        let now = time.now
        let open = try await images.open(of: state.task.id)
        var position: Int?
        if let next = open.first(where: { $0.state == .queued }) {
            position = min(Self.longestCount, try await lines(before: next, at: now).map(\.before).reduce(0, +))
        }
        let seconds = max(2, try await seconds(open, at: now))
        let isPutOff = open.contains { $0.isPutOff(at: now) }
        return Outlook(seconds: whole(isPutOff ? seconds : min(300, seconds)), position: position)
    }

    private func whole(_ seconds: Double) -> Int { Int(min(seconds, 1e9).rounded(.up)) }

    /// Until the last of a task's pictures is done; 0 for none.
    private func seconds(_ open: [OpenPicture], at now: Timestamp) async throws -> Double {
        guard !open.isEmpty else { return 0 }
        let latest = try await latest.value(at: now) { try await images.latest() }
        var recent = latest.times
        var wait = open.compactMap(\.runAt).max().map { ($0 - now).seconds + recent.whole } ?? 0
        let others = open.filter { !$0.isPutOff(at: now) }
        guard let last = others.last else { return wait }
        let lines = try await lines(before: last, at: now)
        if let begun = latest.begun, lines.contains(where: { $0.delayed > 0 }) {
            let window = min(Self.window, max(.seconds(1), now - begun))
            recent.perSecond = try await images.rate(of: window, until: now)
        }
        let place = RecentTimes.Place(
            stage: last.stage,
            age: last.age(at: now),
            lines: lines,
            beside: others.dropLast().compactMap { picture in
                picture.age(at: now).map { RecentTimes.Work(stage: picture.stage, age: $0) }
            },
            together: max(1, min(others.count, lines.map(\.running).reduce(0, +))),
        )
        wait = max(wait, recent.wait(for: place, lanes: lanes))
        return wait
    }

    private func lines(before picture: OpenPicture, at now: Timestamp) async throws -> [JobLine] {
        let dueBy = now + Self.horizon
        let lines = try await jobs.lines(
            before: picture.job,
            priority: -picture.turn,
            in: Self.queues,
            dueBy: dueBy,
            limit: Self.exactCount,
        )
        let (ready, delayed) = (lines.map(\.ready).reduce(0, +), lines.map(\.delayed).reduce(0, +))
        guard max(ready, delayed) >= Self.exactCount else { return lines }
        let waiting = try await waiting.value(at: now) {
            try await jobs.waiting(in: Self.queues, dueBy: dueBy, limit: Self.longestCount)
        }
        let equals = try await jobs.lines(
            before: picture.job,
            priority: -picture.turn,
            in: Self.queues,
            dueBy: dueBy,
            limit: Self.longestCount,
            amongEquals: true,
        )
        let higher = waiting.before(priority: -picture.turn)
        return lines.indices.map { place in
            var line = lines[place]
            line.ready = max(line.ready, higher[place].ready + equals[place].ready)
            line.delayed = max(line.delayed, higher[place].delayed + equals[place].delayed)
            return line
        }
    }
}

/// What was found two seconds ago, or while somebody looks anew.
private final class FoundLately<Value: Sendable>: Sendable {
    private struct State {
        var found: (at: Timestamp, value: Value)?
        var isSought = false
    }

    private static var freshness: Duration { .seconds(2) }
    private let state = Mutex(State())

    func value(at now: Timestamp, or find: () async throws -> Value) async throws -> Value {
        let known = state.withLock { state -> Value? in
            guard let found = state.found else { return nil }
            if state.isSought || (.zero..<Self.freshness).contains(now - found.at) { return found.value }
            state.isSought = true
            return nil
        }
        if let known { return known }
        defer { state.withLock { $0.isSought = false } }
        let value = try await find()
        state.withLock { $0.found = (now, value) }
        return value
    }
}

/// A picture in work, with the job that it waits for.
struct OpenPicture: Sendable {
    let job: ID<Job>
    let turn: Int
    let state: TranslationImage.State
    /// Since when its job runs; `nil` for one that waits.
    var since: Timestamp?
    /// When its job may run; `nil` for one that runs or is ready.
    var runAt: Timestamp?

    /// From 0: reading, translating, drawing.
    var stage: Int { state == .rendering ? 2 : state == .translating ? 1 : 0 }

    /// For how long its job runs, in seconds; `nil` for one that waits.
    func age(at now: Timestamp) -> Double? { since.map { max(0, (now - $0).seconds) } }

    /// Whether its job may not run for long, such as until tomorrow's quota.
    func isPutOff(at now: Timestamp) -> Bool { runAt.map { $0 > now + WaitEstimate.horizon } ?? false }
}
