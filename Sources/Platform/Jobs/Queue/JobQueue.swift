import Database
import Kernel
import Synchronization
import Telemetry

/// The durable queue: definitions, enqueuing, looking up. ``Worker`` works it off.
package final class JobQueue: Sendable {
    let database: any Database
    let time: any TimeSource
    let log: Log
    let metrics: JobMetrics
    let settings: JobSettings
    let store: JobStore
    let leases: LeaseStore
    let wake: WakeRegistry
    let held = HeldJobs()
    let running: RunningJobs
    let depths = QueueDepths()
    let breakers = BreakerPanel()
    let chance: Chance
    let tracer: Tracer
    private let definitions = Mutex<[String: RegisteredJob]>([:])
    private let scheduled = Mutex<[JobSchedule]>([])
    private let monitored = Mutex<[JobMonitor]>([])
    private let chained = Mutex<[String: [JobChain]]>([:])
    private let needs = Mutex<[String: @Sendable () -> QueueNeed]>([:])

    /// - Parameters:
    ///   - database: Where the jobs are; its schema holds ``jobMigrations``.
    ///   - time: Decides when jobs are due.
    ///   - log: One line per finished try.
    ///   - metrics: Gets the `job…` families.
    ///   - settings: Limits and times.
    ///   - tracer: Makes every try a span, below that of whoever enqueued the job.
    package init(
        database: any Database,
        time: any TimeSource = SystemTime(),
        log: Log,
        metrics: Metrics,
        settings: JobSettings = JobSettings(),
        tracer: Tracer = .off,
    ) {
        self.tracer = tracer
        self.database = database
        self.time = time
        self.log = log
        self.metrics = JobMetrics(metrics)
        self.settings = settings
        let engine = jobEngine(database.dialect)
        store = JobStore(engine: engine)
        leases = LeaseStore(engine: engine)
        let tellOthers: @Sendable (String) -> Void = { database.announce(WakeRegistry.Message.channel, $0) }
        wake = WakeRegistry(announce: engine.isSingleProcess ? nil : tellOthers)
        chance = Chance(seed: settings.seed)
        running = RunningJobs(time: time, abandonAfter: settings.abandonAfter, wake: wake)
    }

    /// Makes a kind known, before the first enqueue and before a worker runs. Each kind once.
    package func register<Arguments>(_ definition: JobDefinition<Arguments>) {
        let job = RegisteredJob(definition)
        definitions.withLock { definitions in
            precondition(definitions[job.kind] == nil, "\(job.kind) is registered twice")
            definitions[job.kind] = job
        }
    }

    /// Lets go of all kinds, schedules, monitors, chains and needs. What a kind does holds whatever it works with, which often
    /// holds this queue: without this call neither ever goes, with its threads and files.
    package func close() {
        definitions.withLock { $0 = [:] }
        scheduled.withLock { $0 = [] }
        monitored.withLock { $0 = [] }
        chained.withLock { $0 = [:] }
        needs.withLock { $0 = [:] }
    }

    /// Keeps the concurrency of an adaptive queue from growing beyond what its partner can use.
    package func bound(_ queue: String, by need: @escaping @Sendable () -> QueueNeed) {
        needs.withLock { $0[queue] = need }
    }

    func need(of queue: String) -> QueueNeed { needs.withLock { $0[queue] }?() ?? .unlimited }

    /// Enqueues a job of `arguments` whenever `cron` says so (five fields, UTC), once for all processes together. What
    /// fell due while no worker ran is made up for once. `name` names the schedule in the table and never changes.
    ///
    /// - Throws: ``CronError`` for a text that is no schedule.
    package func schedule<Arguments: JobArguments>(
        _ arguments: Arguments,
        cron: String,
        name: String = Arguments.kind,
    ) throws {
        let schedule = JobSchedule(name: name, cron: try Cron(cron)) { queue, transaction in
            try queue.enqueue(arguments, in: transaction)
        }
        scheduled.withLock { scheduled in
            precondition(!scheduled.contains { $0.name == name }, "\(name) is scheduled twice")
            scheduled.append(schedule)
        }
    }

    /// Stores a job in the caller's transaction: it exists exactly if the commit does, and a worker of this process
    /// wakes right after it.
    ///
    /// - Parameters:
    ///   - arguments: What the work gets; its kind must be registered.
    ///   - id: Chosen by the caller when its own row names the job.
    ///   - uniqueKey: At most one unfinished job of a kind has a key; a second enqueue gives the first one's id.
    ///   - priority: Larger runs sooner.
    ///   - notBefore: The earliest moment to run; `nil` for at once.
    ///   - transaction: The caller's.
    /// - Returns: The id of the job, or of the one that has its unique key already.
    /// - Throws: ``JobError/queueFull(queue:retryAfter:)``, ``JobError/unknownKind(_:)``.
    @discardableResult
    package func enqueue<Arguments: JobArguments>(
        _ arguments: Arguments,
        id: ID<Job> = ID(),
        uniqueKey: String? = nil,
        priority: Int = 0,
        notBefore: Timestamp? = nil,
        in transaction: any Transaction,
    ) throws -> ID<Job> {
        let text = try encode(arguments)
        return try enqueue(
            Arguments.kind,
            text,
            id: id,
            uniqueKey: uniqueKey,
            priority: priority,
            notBefore: notBefore,
            in: transaction,
        )
    }

    /// Stores a job in a transaction of its own.
    @discardableResult
    package func enqueue<Arguments: JobArguments>(
        _ arguments: Arguments,
        id: ID<Job> = ID(),
        uniqueKey: String? = nil,
        priority: Int = 0,
        notBefore: Timestamp? = nil,
    ) async throws -> ID<Job> {
        // On the caller's thread: the writer is one for all.
        let text = try encode(arguments)
        return try await database.transaction { [self] transaction in
            try enqueue(
                Arguments.kind,
                text,
                id: id,
                uniqueKey: uniqueKey,
                priority: priority,
                notBefore: notBefore,
                in: transaction,
            )
        }
    }

    /// Stores a job whose arguments are text already; one that is not refusable also in a full queue.
    @discardableResult
    func enqueue(
        _ kind: String,
        _ arguments: String,
        id: ID<Job>,
        uniqueKey: String?,
        priority: Int,
        notBefore: Timestamp?,
        isRefusable: Bool = true,
        in transaction: any Transaction,
    ) throws -> ID<Job> {
        guard let definition = definition(kind) else { throw JobError.unknownKind(kind) }
        let now = time.now
        if let uniqueKey,
            let known = try transaction.first(JobStore.unfinished(kind: kind, uniqueKey: uniqueKey))
        {
            return try known.get("id")
        }
        let job = NewJob(
            id: id,
            queue: definition.queue,
            kind: kind,
            arguments: arguments,
            uniqueKey: uniqueKey,
            priority: priority,
            requestID: RequestID.current,
            traceParent: Span.current?.context.traceparent,
            now: now,
            runAt: max(now, notBefore ?? now),
        )
        if isRefusable && !job.isDelayed {
            try depths.enter(job.queue, settings.queue(job.queue), now: now, in: transaction)
        }
        if try !store.insert(job, in: transaction) {
            if isRefusable && !job.isDelayed { depths.leave(job.queue, 1) }
            guard let uniqueKey else { return id }
            if let known = try transaction.first(JobStore.unfinished(kind: kind, uniqueKey: uniqueKey)) {
                return try known.get("id")
            }
            // The one in the way ended between the two statements, or this very job is stored already.
            guard try store.insert(job, in: transaction) else { return id }
        }
        for monitor in monitors where monitor.starts == .enqueued && monitor.kind == kind {
            try transaction.execute(MonitorStore.arm(monitor, from: job.runAt))
        }
        announceAfterCommit(job, transaction)
        return id
    }

    private func announceAfterCommit(_ job: NewJob, _ transaction: any Transaction) {
        transaction.afterCommit { [wake, metrics] in
            metrics.enqueued.add(1, job.queue, job.kind)
            if job.isDelayed { wake.due(job.runAt) } else { wake.ready(job.queue) }
        }
    }

    func definition(_ kind: String) -> RegisteredJob? { definitions.withLock { $0[kind] } }

    /// The kinds this process knows, by queue.
    var kindsByQueue: [String: [String]] {
        let all = definitions.withLock { Array($0.values) }
        return Dictionary(grouping: all, by: \.queue).mapValues { $0.map(\.kind).sorted() }
    }

    var schedules: [JobSchedule] { scheduled.withLock { $0 } }

    var kindsWithBreaker: Set<String> {
        definitions.withLock { Set($0.values.filter { $0.breaker != nil }.map(\.kind)) }
    }

    var monitors: [JobMonitor] { monitored.withLock { $0 } }

    func add(_ monitor: JobMonitor) {
        monitored.withLock { monitored in
            precondition(!monitored.contains { $0.name == monitor.name }, "\(monitor.name) is monitored twice")
            monitored.append(monitor)
        }
    }

    func chains(after kind: String) -> [JobChain] { chained.withLock { $0[kind] ?? [] } }

    func add(_ chain: JobChain, after kind: String) { chained.withLock { $0[kind, default: []].append(chain) } }
}
