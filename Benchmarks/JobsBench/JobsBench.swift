import Database
import Glibc
import Jobs
import Kernel
import Synchronization
import Telemetry

/// Jobs that do nothing, from enqueue to done, for `script/bench jobs` and `script/bench postgresql`: every commit is
/// synced to the disk.
///
/// `JobsBench PLACE JOBS CLAIM LANES`: `PLACE` is a folder for a SQLite file or the URL of a PostgreSQL database. 64 producers enqueue `JOBS` jobs while `LANES`
/// lanes take up to `CLAIM` at a time. Prints one line of JSON.
@main
struct JobsBench {
    private static let producers = 64

    static func main() async throws {
        let words = CommandLine.arguments
        guard words.count == 5, let count = Int(words[2]), let claim = Int(words[3]), let lanes = Int(words[4]) else {
            print("usage: JobsBench PLACE JOBS CLAIM LANES")
            exit(64)
        }
        let metrics = Metrics()
        let database = try await open(words[1], metrics)
        try await migrate(database, jobMigrations)
        let done = CountDown(count)
        let jobs = queue(on: database, count: count, claim: claim, lanes: lanes, done)
        let worker = Task { try await Worker(jobs).run() }
        let start = ContinuousClock.now
        try await enqueue(count, on: jobs)
        let enqueued = ContinuousClock.now
        await done.untilZero()
        let end = ContinuousClock.now
        let commits = metrics.histogram("database_commit_members", "").count()
        print(
            "{\"jobs\":\(count),\"commits\":\(commits),\"enqueue_s\":\((enqueued - start).seconds),"
                + "\"total_s\":\((end - start).seconds)}"
        )
        worker.cancel()
        _ = await worker.result
        await database.close()
    }

    private static func open(_ place: String, _ metrics: Metrics) async throws -> any Database {
        guard place.hasPrefix("postgresql://") else {
            return try SQLiteDatabase.open(path: "\(place)/jobs.db", metrics: metrics, log: .silent)
        }
        return try await PostgreSQLDatabase.open(url: Secret(place), metrics: metrics, log: .silent)
    }

    private static func queue(
        on database: any Database,
        count: Int,
        claim: Int,
        lanes: Int,
        _ done: CountDown,
    ) -> JobQueue {
        var settings = JobSettings()
        settings.queues["bench"] = QueueSettings(concurrency: lanes, batch: claim, maxDepth: count + 1)
        let jobs = JobQueue(database: database, log: .silent, metrics: Metrics(), settings: settings)
        // Nothing is kept of a finished job, as with Celery without a result backend.
        jobs.register(
            JobDefinition(Nothing.self, queue: "bench", timeout: .seconds(60), keepFinished: .zero) { _, _ in
                { $0.afterCommit { done.countDown() } }
            }
        )
        return jobs
    }

    private static func enqueue(_ count: Int, on jobs: JobQueue) async throws {
        try await withThrowingTaskGroup { group in
            for producer in 0..<producers {
                group.addTask {
                    for number in stride(from: producer, to: count, by: producers) {
                        try await jobs.enqueue(Nothing(number: number))
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}

private struct Nothing: JobArguments {
    static let kind = "bench.nothing"
    let number: Int
}

/// Counts down to zero, for one waiter.
private final class CountDown: Sendable {
    private let state: Mutex<(left: Int, waiter: CheckedContinuation<Void, Never>?)>

    init(_ count: Int) { state = Mutex((count, nil)) }

    func countDown() {
        let waiter = state.withLock { state in
            state.left -= 1
            return state.left == 0 ? state.waiter : nil
        }
        waiter?.resume()
    }

    func untilZero() async {
        await withCheckedContinuation { continuation in
            let isZero = state.withLock { state in
                state.waiter = continuation
                return state.left == 0
            }
            if isZero { continuation.resume() }
        }
    }
}
