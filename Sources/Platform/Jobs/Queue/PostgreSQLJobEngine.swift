import Database
import Kernel

/// PostgreSQL has many writers in many processes: claims step over each other's rows, and leases go by the server's
/// clock, which is one for all.
struct PostgreSQLJobEngine: JobEngine {
    var isSingleProcess: Bool { false }
    var skipLocked: SQL { "FOR UPDATE SKIP LOCKED" }

    func leaseClock(_ now: Timestamp) -> SQL { "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)" }

    func claim(_ claim: Claim, now: Timestamp) -> SQL {
        // Materialized, so that the rows are chosen and locked once. The share lock on the worker makes whoever
        // declares it dead wait for this claim, and then find it.
        """
        WITH holding AS MATERIALIZED (
            SELECT id FROM job_worker WHERE id = \(claim.holder) FOR KEY SHARE
        ), chosen AS MATERIALIZED (
            SELECT id FROM job
            WHERE queue = \(claim.queue) AND state = 'ready' AND kind IN (\(list: claim.kinds))
            AND EXISTS (SELECT 1 FROM holding)
            ORDER BY priority DESC, run_at, id LIMIT \(claim.limit) \(skipLocked)
        )
        UPDATE job SET state = 'running', holder = \(claim.holder), attempt = attempt + 1, started_at = \(now),
            progress = NULL, note = NULL
        FROM chosen WHERE job.id = chosen.id
        RETURNING \(ClaimedJob.columns)
        """
    }

    func fence(_ id: ID<Job>, attempt: Int) -> SQL {
        "SELECT 1 AS held FROM job WHERE id = \(id) AND attempt = \(attempt) AND state = 'running' FOR UPDATE"
    }

    func lock(_ id: ID<Job>) -> SQL { "SELECT 1 AS there FROM job WHERE id = \(id) FOR UPDATE" }

    func promote(now: Timestamp, limit: Int) -> SQL {
        """
        WITH chosen AS MATERIALIZED (
            SELECT id FROM job WHERE state = 'delayed' AND run_at <= \(now)
            ORDER BY run_at LIMIT \(limit) \(skipLocked)
        )
        UPDATE job SET state = 'ready' FROM chosen WHERE job.id = chosen.id RETURNING queue
        """
    }
}
