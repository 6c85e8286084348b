import Database
import Kernel

/// A request of a worker for jobs.
struct Claim: Sendable {
    let queue: String
    /// The kinds this process knows; others stay queued for a process that does.
    let kinds: [String]
    let limit: Int
    let holder: ID<JobWorker>
}

/// A worker of one process: the holder of leases.
package enum JobWorker {}

/// The statements that differ between engines.
protocol JobEngine: Sendable {
    /// Whether only one process can work on this database, so that at its start every lease is a dead one's.
    var isSingleProcess: Bool { get }
    /// The end of a SELECT that locks its rows and leaves out those that others have locked.
    var skipLocked: SQL { get }
    /// The clock of leases, as an expression in milliseconds.
    func leaseClock(_ now: Timestamp) -> SQL
    /// Takes ready jobs and returns them with ``ClaimedJob/columns``, in any order.
    func claim(_ claim: Claim, now: Timestamp) -> SQL
    /// One row when the attempt still holds its job; no other transaction can take it before this one ends.
    func fence(_ id: ID<Job>, attempt: Int) -> SQL
    /// One row when there is such a job, whatever its state; no other transaction can change it before this one ends.
    func lock(_ id: ID<Job>) -> SQL
    /// Makes delayed jobs ready whose time has come; returns the queue of each.
    func promote(now: Timestamp, limit: Int) -> SQL
}

func jobEngine(_ dialect: Dialect) -> any JobEngine {
    switch dialect {
    case .sqlite: SQLiteJobEngine()
    case .postgresql: PostgreSQLJobEngine()
    }
}

/// A job that this process holds.
struct ClaimedJob: Sendable {
    let id: ID<Job>
    let queue: String
    let kind: String
    let arguments: String
    let requestID: String?
    let traceParent: String?
    let priority: Int
    let createdAt: Timestamp
    let runAt: Timestamp
    /// The fence: no other claim of this job ever has the same.
    let attempt: Int
    /// Tries that count, this one included.
    let tries: Int
    /// The lease it was claimed under.
    let holder: ID<JobWorker>
    /// Somebody asked for its end when an earlier holder could not hear it any more.
    let isCancelRequested: Bool
    /// Nobody's before the claim has begun it.
    var work: JobWork = { _ in throw JobLost() }

    /// `id` is said of the table, because a statement may join others that have one.
    static let columns: SQL = """
        job.id, queue, kind, arguments, request_id, trace_parent, priority, created_at, run_at, attempt,
        attempt - excused - lost AS tries, holder, cancel_requested
        """

    init(row: Row) throws(DatabaseError) {
        id = try row.get("id")
        queue = try row.get("queue")
        kind = try row.get("kind")
        arguments = try row.get("arguments")
        requestID = try row.get("request_id")
        traceParent = try row.get("trace_parent")
        priority = try row.get("priority")
        createdAt = try row.get("created_at")
        runAt = try row.get("run_at")
        attempt = try row.get("attempt")
        tries = try row.get("tries")
        holder = try row.get("holder")
        isCancelRequested = try row.get("cancel_requested")
    }

    /// The order in which jobs are worked off; RETURNING keeps none.
    static func isBefore(_ left: ClaimedJob, _ right: ClaimedJob) -> Bool {
        if left.priority != right.priority { return left.priority > right.priority }
        if left.runAt != right.runAt { return left.runAt < right.runAt }
        return left.id < right.id
    }
}
