import Database
import Kernel

/// Every statement over the table `job_worker` and the leases that hang on it. A job belongs to its holder's row; a
/// holder without a row is dead, and its jobs go back.
struct LeaseStore: Sendable {
    let engine: any JobEngine

    /// Makes a new holder of leases known, with what it works off.
    func register(
        _ worker: ID<JobWorker>,
        of queues: [WorkerQueue],
        room: Int64? = nil,
        now: Timestamp,
        in transaction: any Transaction,
    ) throws(DatabaseError) {
        let clock = engine.leaseClock(now)
        try transaction.execute(
            """
            INSERT INTO job_worker (id, started_at, heartbeat_at, queues, memory_room)
            VALUES (\(worker), \(clock), \(clock), \(WorkerQueue.text(queues)), \(room))
            """
        )
    }

    /// - Returns: Whether the worker still counts as alive; if not, its jobs are others' already.
    func beat(
        _ worker: ID<JobWorker>,
        room: Int64?,
        now: Timestamp,
        in transaction: any Transaction,
    ) throws(DatabaseError) -> Bool {
        try transaction.execute(
            """
            UPDATE job_worker SET heartbeat_at = \(engine.leaseClock(now)), memory_room = \(room) WHERE id = \(worker)
            """
        ) == 1
    }

    func remove(_ worker: ID<JobWorker>, in transaction: any Transaction) throws(DatabaseError) {
        try transaction.execute("DELETE FROM job_worker WHERE id = \(worker)")
    }

    /// Declares every worker dead but `living`: where one process works alone, the others are remains of crashes.
    func removeAll(but living: [ID<JobWorker>], in transaction: any Transaction) throws(DatabaseError) {
        let others: SQL = living.isEmpty ? "" : "WHERE id NOT IN (\(list: living))"
        try transaction.execute("DELETE FROM job_worker \(others)")
    }

    /// Declares workers dead whose heartbeat stopped, but for the caller's own: after a pause of the whole machine it
    /// may look before it beats, and where nobody else noticed nothing is lost.
    func removeStale(
        now: Timestamp,
        lease: Duration,
        but own: [ID<JobWorker>],
        in transaction: any Transaction,
    ) throws(DatabaseError) -> Int {
        let others: SQL = own.isEmpty ? "" : "AND id NOT IN (\(list: own))"
        return try transaction.execute(
            """
            DELETE FROM job_worker WHERE heartbeat_at < \(engine.leaseClock(now)) - \(lease.milliseconds) \(others)
            """
        )
    }

    /// Gives back what a worker still holds; its tries do not count.
    static func releaseAll(of worker: ID<JobWorker>) -> SQL {
        """
        UPDATE job SET state = 'ready', holder = NULL, excused = excused + 1
        WHERE holder = \(worker) AND state = 'running'
        """
    }

    /// What workers hold: `id` and `attempt`.
    static func held(by workers: [ID<JobWorker>]) -> SQL {
        "SELECT id, attempt FROM job WHERE holder IN (\(list: workers)) AND state = 'running'"
    }

    /// Gives one attempt back, which does not count; returns the `queue`.
    static func release(_ id: ID<Job>, attempt: Int) -> SQL {
        """
        UPDATE job SET state = 'ready', holder = NULL, excused = excused + 1
        WHERE id = \(id) AND attempt = \(attempt) AND state = 'running' RETURNING queue
        """
    }

    private static let isOrphaned: SQL = "state = 'running' AND holder NOT IN (SELECT id FROM job_worker)"

    /// The jobs of dead workers that were lost too often, with ``ClaimedJob/columns``.
    static func orphans(maxLosses: Int) -> SQL {
        "SELECT \(ClaimedJob.columns) FROM job WHERE \(isOrphaned) AND lost + 1 >= \(maxLosses)"
    }

    /// Gives the other jobs of dead workers back; returns the `queue` of each. Those that another process is giving
    /// back are left to it: whoever waited would lock them once more, and a claim meanwhile would step over them.
    func release(maxLosses: Int) -> SQL {
        """
        WITH chosen AS MATERIALIZED (
            SELECT id FROM job WHERE \(Self.isOrphaned) AND lost + 1 < \(maxLosses) \(engine.skipLocked)
        )
        UPDATE job SET state = 'ready', holder = NULL, lost = lost + 1
        WHERE id IN (SELECT id FROM chosen) RETURNING queue
        """
    }

    /// Gives the jobs of dead workers back, at once.
    ///
    /// - Returns: The queues of those that are ready again, and those that were lost too often and must be given up.
    func releaseLost(
        maxLosses: Int,
        in transaction: any Transaction,
    ) throws(DatabaseError)
        -> (queues: [String], hopeless: [ClaimedJob])
    {
        var hopeless: [ClaimedJob] = []
        for row in try transaction.query(Self.orphans(maxLosses: maxLosses)) {
            hopeless.append(try ClaimedJob(row: row))
        }
        var queues: [String] = []
        for row in try transaction.query(release(maxLosses: maxLosses)) { queues.append(try row.get("queue")) }
        return (queues, hopeless)
    }

    /// Jobs that a worker holds and that somebody asked to end.
    static func cancelRequests(of worker: ID<JobWorker>) -> SQL {
        "SELECT id FROM job WHERE holder = \(worker) AND state = 'running' AND cancel_requested = 1"
    }
}
