import Database
import Kernel

/// One piece of durable work, as the queue tells it.
package struct Job: Sendable, Equatable {
    package let id: ID<Job>
    package let queue: String
    package let kind: String
    package let state: JobState
    /// Larger runs sooner; 0 is usual.
    package let priority: Int
    /// Tries that count so far, a running one included.
    package let tries: Int
    /// What the running work last reported, 0 to 1; `nil` before the first report.
    package let progress: Double?
    package let note: String?
    package let requestID: String?
    package let createdAt: Timestamp
    /// When it may run, or might have run, at the earliest.
    package let runAt: Timestamp
    /// When the last try began.
    package let startedAt: Timestamp?
    /// When it became done, dead or cancelled.
    package let finishedAt: Timestamp?
    /// Why the last try failed; `nil` when none did.
    package let reason: Reason?

    /// The last failure, as stored.
    package struct Reason: Sendable, Equatable {
        package let code: String
        /// Fit for everybody.
        package let message: String
        /// The error in full, for operators only.
        package let detail: String
    }
}

/// Where a job stands.
package enum JobState: String, Sendable, CaseIterable, SQLBindable, SQLDecodable {
    /// Waits for a worker.
    case ready
    /// Waits for its time.
    case delayed
    /// A worker holds it.
    case running
    case done
    /// Failed for good; an operator may requeue it.
    case dead
    case cancelled

    /// Whether it will not run again by itself.
    package var isFinished: Bool { [.done, .dead, .cancelled].contains(self) }
}

extension Job {
    static let columns: SQL = """
        id, queue, kind, state, priority, attempt - excused - lost AS tries, progress, note, request_id, created_at,
        run_at, started_at, finished_at, failure_code, failure_message, failure_detail
        """

    init(row: Row) throws(DatabaseError) {
        id = try row.get("id")
        queue = try row.get("queue")
        kind = try row.get("kind")
        state = try row.get("state")
        priority = try row.get("priority")
        tries = try row.get("tries")
        progress = try row.get("progress")
        note = try row.get("note")
        requestID = try row.get("request_id")
        createdAt = try row.get("created_at")
        runAt = try row.get("run_at")
        startedAt = try row.get("started_at")
        finishedAt = try row.get("finished_at")
        let code: String? = try row.get("failure_code")
        let message: String? = try row.get("failure_message")
        let detail: String? = try row.get("failure_detail")
        reason = code.map { Reason(code: $0, message: message ?? "", detail: detail ?? "") }
    }
}
