import Database
import Kernel

/// A job to be, before it has a row.
struct NewJob: Sendable {
    let id: ID<Job>
    let queue: String
    let kind: String
    let arguments: String
    let uniqueKey: String?
    let priority: Int
    let requestID: String?
    /// The W3C traceparent of whoever enqueues.
    let traceParent: String?
    let now: Timestamp
    let runAt: Timestamp
    var isDelayed: Bool { runAt > now }
}

/// Every statement over the table `job` that both engines share. All of them take the caller's transaction.
struct JobStore: Sendable {
    let engine: any JobEngine

    /// - Returns: Whether the job is new; `false` when its id or its unique key is there already.
    func insert(_ job: NewJob, in transaction: any Transaction) throws(DatabaseError) -> Bool {
        let state = job.isDelayed ? JobState.delayed : .ready
        let inserted = try transaction.execute(
            """
            INSERT INTO job (id, queue, kind, state, priority, run_at, arguments, unique_key, request_id,
                trace_parent, created_at)
            VALUES (\(job.id), \(job.queue), \(job.kind), \(state), \(job.priority), \(job.runAt), \(job.arguments),
                \(job.uniqueKey), \(job.requestID), \(job.traceParent), \(job.now))
            ON CONFLICT DO NOTHING
            """
        )
        return inserted == 1
    }

    /// The unfinished job with a unique key: its `id`.
    static func unfinished(kind: String, uniqueKey: String) -> SQL {
        """
        SELECT id FROM job WHERE kind = \(kind) AND unique_key = \(uniqueKey) AND unique_key IS NOT NULL
        AND state IN ('ready', 'delayed', 'running')
        """
    }

    /// Ready jobs of a queue as `n`, counted up to `limit`.
    static func depth(_ queue: String, upTo limit: Int) -> SQL {
        """
        SELECT COUNT(*) AS n FROM
        (SELECT 1 FROM job WHERE queue = \(queue) AND state = 'ready' LIMIT \(limit)) AS waiting
        """
    }

    /// Ready jobs by `queue` as `n`, and since when the oldest could run, as `oldest`.
    static let depths: SQL =
        "SELECT queue, COUNT(*) AS n, MIN(run_at) AS oldest FROM job WHERE state = 'ready' GROUP BY queue"

    /// One row when a queue has ready jobs.
    static func anyReady(_ queue: String) -> SQL {
        "SELECT 1 AS one FROM job WHERE queue = \(queue) AND state = 'ready' LIMIT 1"
    }

    /// When the next delayed job is due, as `next`.
    static let nextDue: SQL = "SELECT MIN(run_at) AS next FROM job WHERE state = 'delayed'"

    /// The jobs taken, in the order in which to work them off.
    func claim(_ claim: Claim, now: Timestamp, in transaction: any Transaction) throws(DatabaseError) -> [ClaimedJob] {
        var jobs: [ClaimedJob] = []
        for row in try transaction.query(engine.claim(claim, now: now)) { jobs.append(try ClaimedJob(row: row)) }
        return jobs.sorted(by: ClaimedJob.isBefore)
    }

    /// - Throws: ``JobLost`` when the attempt does not hold its job any more.
    func requireHeld(_ id: ID<Job>, attempt: Int, in transaction: any Transaction) throws {
        guard try transaction.first(engine.fence(id, attempt: attempt)) != nil else { throw JobLost() }
    }

    /// Marks a job done, or deletes it when nothing of it is to be kept.
    ///
    /// - Throws: ``JobLost`` when the attempt does not hold its job any more, ``JobError/cancelled`` when it does but
    ///   somebody asked for its end: its effect must not happen then.
    func finish(_ job: ClaimedJob, now: Timestamp, keep: Duration, in transaction: any Transaction) throws {
        let held: SQL = """
            WHERE id = \(job.id) AND attempt = \(job.attempt) AND state = 'running' AND cancel_requested = 0
            """
        let change: SQL =
            keep <= .zero
            ? "DELETE FROM job \(held)"
            : """
            UPDATE job SET state = 'done', holder = NULL, progress = 1, note = NULL, failure_code = NULL,
                failure_message = NULL, failure_detail = NULL, finished_at = \(now), expires_at = \(now + keep) \(held)
            """
        if try transaction.execute(change) == 1 { return }
        try requireHeld(job.id, attempt: job.attempt, in: transaction)
        throw JobError.cancelled
    }

    /// Puts a job back until `runAt`; an excused try does not count.
    ///
    /// - Throws: ``JobLost`` when the attempt does not hold its job any more.
    func putBack(
        _ job: ClaimedJob,
        runAt: Timestamp,
        now: Timestamp,
        isExcused: Bool,
        failure: JobFailure?,
        in transaction: any Transaction,
    ) throws {
        let state = runAt > now ? JobState.delayed : .ready
        let changed = try transaction.execute(
            """
            UPDATE job SET state = \(state), holder = NULL, run_at = \(runAt),
                excused = excused + \(isExcused ? 1 : 0), failure_code = COALESCE(\(failure?.code), failure_code),
                failure_message = COALESCE(\(failure?.message), failure_message),
                failure_detail = COALESCE(\(failure?.detail), failure_detail)
            WHERE id = \(job.id) AND attempt = \(job.attempt) AND state = 'running'
            """
        )
        if changed != 1 { throw JobLost() }
    }

    /// Ends a job without success.
    ///
    /// - Throws: ``JobLost`` when the attempt does not hold its job any more.
    func giveUp(
        _ job: ClaimedJob,
        as state: JobState,
        _ failure: JobFailure,
        now: Timestamp,
        keep: Duration,
        in transaction: any Transaction,
    ) throws {
        let changed = try transaction.execute(
            """
            UPDATE job SET state = \(state), holder = NULL, finished_at = \(now), expires_at = \(now + keep),
                failure_code = \(failure.code), failure_message = \(failure.message),
                failure_detail = \(failure.detail)
            WHERE id = \(job.id) AND attempt = \(job.attempt) AND state = 'running'
            """
        )
        if changed != 1 { throw JobLost() }
    }

    /// Deletes finished jobs whose time is over; said twice, because one may be brought back between the choice and
    /// the deletion.
    static func sweep(now: Timestamp, limit: Int) -> SQL {
        """
        DELETE FROM job WHERE id IN (
            SELECT id FROM job WHERE expires_at <= \(now) ORDER BY expires_at LIMIT \(limit)
        ) AND expires_at <= \(now)
        """
    }
}
