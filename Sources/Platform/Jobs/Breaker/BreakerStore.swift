import Database
import Kernel

/// A breaker's row.
struct BreakerRow {
    let kind: String
    let queue: String
    let state: BreakerState
    let failures: [Timestamp]
    /// The code of the failure that opened it.
    let reason: String?
    let openedAt: Timestamp?
    let resumeAt: Timestamp?
    let probe: ID<Job>?

    static let columns: SQL = "kind, queue, state, failures, reason, opened_at, resume_at, probe"

    init(row: Row) throws(DatabaseError) {
        kind = try row.get("kind")
        queue = try row.get("queue")
        state = try row.get("state")
        let moments: String = try row.get("failures")
        failures = moments.split(separator: " ").compactMap { Int64($0).map(Timestamp.init(milliseconds:)) }
        reason = try row.get("reason")
        openedAt = try row.get("opened_at")
        resumeAt = try row.get("resume_at")
        probe = try row.get("probe")
    }
}

extension BreakerState: SQLBindable, SQLDecodable {}

/// Every statement over the table `job_breaker`.
enum BreakerStore {
    /// The row of a kind, made if need be. It stays locked until the transaction ends, so that of two failures at once
    /// the second counts the first.
    static func row(_ kind: String, queue: String) -> SQL {
        """
        INSERT INTO job_breaker (kind, queue, state) VALUES (\(kind), \(queue), 'closed')
        ON CONFLICT (kind) DO UPDATE SET queue = excluded.queue RETURNING \(BreakerRow.columns)
        """
    }

    static func setFailures(_ failures: [Timestamp], of kind: String) -> SQL {
        let moments = failures.map { "\($0.milliseconds)" }.joined(separator: " ")
        return "UPDATE job_breaker SET failures = \(moments) WHERE kind = \(kind)"
    }

    static func open(_ kind: String, reason: String, openedAt: Timestamp, resumeAt: Timestamp?) -> SQL {
        """
        UPDATE job_breaker SET state = 'open', failures = '', reason = \(reason), opened_at = \(openedAt),
            resume_at = \(resumeAt), probe = NULL
        WHERE kind = \(kind)
        """
    }

    /// The breakers that are not closed.
    static let paused: SQL = "SELECT \(BreakerRow.columns) FROM job_breaker WHERE state <> 'closed' ORDER BY kind"

    /// What is left of a kind whose breaker was taken away.
    static func forget(_ kind: String) -> SQL { "DELETE FROM job_breaker WHERE kind = \(kind)" }

    /// Changes one row where this process is the one to let a job through.
    static func beginProbe(_ kind: String, now: Timestamp) -> SQL {
        """
        UPDATE job_breaker SET state = 'half_open', probe = NULL
        WHERE kind = \(kind) AND state = 'open' AND resume_at <= \(now)
        """
    }

    /// Names the job that was let through; without one the breaker stays open.
    static func setProbe(_ job: ID<Job>?, of kind: String) -> SQL {
        let state: BreakerState = job == nil ? .open : .halfOpen
        return "UPDATE job_breaker SET state = \(state), probe = \(job) WHERE kind = \(kind)"
    }

    /// Changes one row where the job was let through and has shown that its kind works again.
    static func closeAfterProbe(_ job: ID<Job>, _ kind: String) -> SQL {
        "\(close) WHERE kind = \(kind) AND state = 'half_open' AND probe = \(job)"
    }

    /// Closes what is open, by the name of a kind or of a queue; returns `kind` and `queue` of each.
    static func resume(_ name: String) -> SQL {
        "\(close) WHERE (kind = \(name) OR queue = \(name)) AND state <> 'closed' RETURNING kind, queue"
    }

    /// Opens a breaker again whose job ended without showing anything: its process died, a store was away.
    static func dropLostProbe(_ kind: String) -> SQL {
        """
        UPDATE job_breaker SET state = 'open', probe = NULL WHERE kind = \(kind) AND state = 'half_open'
        AND NOT EXISTS (SELECT 1 FROM job WHERE job.id = job_breaker.probe AND job.state = 'running')
        """
    }

    private static let close: SQL = """
        UPDATE job_breaker SET state = 'closed', failures = '', reason = NULL, opened_at = NULL, resume_at = NULL,
            probe = NULL
        """
}
