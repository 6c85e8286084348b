import Database
import Kernel

/// SQLite has one writer, so a claim needs no row locks, and one process, so its clock is the clock.
struct SQLiteJobEngine: JobEngine {
    var isSingleProcess: Bool { true }
    var skipLocked: SQL { "" }

    func leaseClock(_ now: Timestamp) -> SQL { "\(now)" }

    func claim(_ claim: Claim, now: Timestamp) -> SQL {
        // The planner has no statistics and may prefer a sort: the index is named.
        """
        UPDATE job SET state = 'running', holder = \(claim.holder), attempt = attempt + 1, started_at = \(now),
            progress = NULL, note = NULL
        WHERE rowid IN (
            SELECT rowid FROM job INDEXED BY job_ready
            WHERE queue = \(claim.queue) AND state = 'ready' AND kind IN (\(list: claim.kinds))
            AND EXISTS (SELECT 1 FROM job_worker WHERE id = \(claim.holder))
            ORDER BY priority DESC, run_at, id LIMIT \(claim.limit)
        )
        RETURNING \(ClaimedJob.columns)
        """
    }

    func fence(_ id: ID<Job>, attempt: Int) -> SQL {
        "SELECT 1 AS held FROM job WHERE id = \(id) AND attempt = \(attempt) AND state = 'running'"
    }

    func lock(_ id: ID<Job>) -> SQL { "SELECT 1 AS there FROM job WHERE id = \(id)" }

    func promote(now: Timestamp, limit: Int) -> SQL {
        """
        UPDATE job SET state = 'ready' WHERE rowid IN (
            SELECT rowid FROM job INDEXED BY job_due
            WHERE state = 'delayed' AND run_at <= \(now) ORDER BY run_at LIMIT \(limit)
        )
        RETURNING queue
        """
    }
}
