import Database
import Jobs
import Kernel
import Telemetry
import TestSupport

/// One process that works with jobs: its own clock, queue and metrics, on a database that several may share.
struct Office: Sendable {
    let test: TestDatabase
    let time: ManualTime
    let metrics = Metrics()
    let jobs: JobQueue
    let tracer: Tracer
    var database: any Database { test.database }

    /// A new database with the tables of jobs and one more, `mark`, for effects.
    init(_ backend: DatabaseBackend, _ settings: JobSettings = JobSettings(), traced: Bool = false) async throws {
        let test = try await backend.make()
        try await migrate(test.database, jobMigrations)
        try await test.database.execute("CREATE TABLE mark (name TEXT NOT NULL)")
        self.init(test, settings, traced: traced)
    }

    /// Another process on the same database.
    init(sharing other: Office, _ settings: JobSettings = JobSettings()) {
        self.init(other.test, settings, ManualTime(other.time.now))
    }

    private init(
        _ test: TestDatabase,
        _ settings: JobSettings,
        _ time: ManualTime = ManualTime(),
        traced: Bool = false,
    ) {
        self.test = test
        self.time = time
        let exporter = SpanExporter(resource: [:], log: .silent, metrics: metrics, time: time) { _ in }
        tracer = traced ? Tracer(exporter, ratio: 1, time: time) : .off
        jobs = JobQueue(
            database: test.database,
            time: time,
            log: .silent,
            metrics: metrics,
            settings: settings,
            tracer: tracer,
        )
    }

    /// Runs `body` while a worker works, then stops the worker and waits for its end.
    func working<Value>(_ body: () async throws -> Value) async throws -> Value {
        let worker = Task { try await Worker(jobs).run() }
        do {
            let value = try await body()
            worker.cancel()
            try await worker.value
            return value
        } catch {
            worker.cancel()
            try await worker.value
            throw error
        }
    }

    /// Lets time go by for this process and for leases, which go by the server's clock on PostgreSQL: there every
    /// heartbeat becomes older instead.
    func passTime(_ duration: Duration) async throws {
        if database.dialect == .postgresql {
            try await database.execute("UPDATE job_worker SET heartbeat_at = heartbeat_at - \(duration.milliseconds)")
        }
        time.advance(by: duration)
    }

    /// Returns the job when it is in `state`; nothing but other tasks' work makes it so.
    @discardableResult
    func job(_ id: ID<Job>, in state: JobState) async throws -> Job {
        while true {
            try Task.checkCancellation()
            if let job = try await jobs.state(of: id), job.state == state { return job }
            await Task.yield()
        }
    }

    /// How many marks effects have left.
    func marks(_ name: String = "x") async throws -> Int {
        try await database.first("SELECT COUNT(*) AS n FROM mark WHERE name = \(name)")?.get("n") ?? 0
    }
}

/// An effect that leaves a row.
func mark(_ name: String = "x") -> JobEffect {
    { try $0.execute("INSERT INTO mark (name) VALUES (\(name))") }
}

/// The arguments of most tests.
struct Errand: JobArguments {
    static let kind = "test.errand"
    var name = "x"
}

extension JobQueue {
    /// Registers ``Errand`` with the work of the test.
    func onErrand(
        queue: String = "errands",
        retry: RetryPolicy = .delays([.seconds(1), .seconds(10)]),
        timeout: Duration = .seconds(60),
        keepFinished: Duration = .seconds(86_400),
        onDead: @escaping @Sendable (Errand, JobFailure, any Transaction) throws -> Void = { _, _, _ in },
        work: @escaping @Sendable (Errand, JobContext) async throws -> JobEffect,
    ) {
        register(
            JobDefinition(
                Errand.self,
                queue: queue,
                retry: retry,
                timeout: timeout,
                keepFinished: keepFinished,
                onDead: onDead,
                work: work,
            )
        )
    }
}

/// A failure that may pass.
struct Hiccup: Failure {
    var status: Int { 503 }
    var code: String { "hiccup" }
    var message: String { "Not now." }
    var retryAfter: Duration?
}

/// A failure that stays.
struct Refusal: Failure {
    var status: Int { 422 }
    var code: String { "refused" }
    var message: String { "Never." }
}
