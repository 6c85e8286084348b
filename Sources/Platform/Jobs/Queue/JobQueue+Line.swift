import Database
import Kernel

/// Who is before a job in a queue, as far as anybody counts.
package struct JobLine: Sendable, Equatable {
    /// Jobs before it that wait for a lane.
    package var ready = 0
    /// Jobs before it that wait for a moment that is near.
    package var delayed = 0
    /// Jobs before it that run.
    package var runningBefore = 0
    /// All jobs that run.
    package var running = 0
    /// How long they have run, all together.
    package var worked = Duration.zero

    package init(ready: Int = 0, delayed: Int = 0, runningBefore: Int = 0, running: Int = 0) {
        self.ready = ready
        self.delayed = delayed
        self.runningBefore = runningBefore
        self.running = running
    }

    /// Those that are to be begun before it.
    package var waiting: Int { ready + delayed }
    /// All before it.
    package var before: Int { waiting + runningBefore }
}

extension JobQueue {
    /// The jobs of each of some queues before the job `id`: those of a higher priority, and of the same those that came
    /// sooner. Those that are put off until after `dueBy` stand in nobody's way and are not looked at, however many they
    /// are; of those that wait at most `limit` of each state are counted. `amongEquals`: only those of the same priority.
    package func lines(
        before id: ID<Job>,
        priority: Int,
        in queues: [String],
        dueBy: Timestamp,
        limit: Int,
        amongEquals: Bool = false,
    ) async throws(DatabaseError) -> [JobLine] {
        let now = time.now
        var lines = [JobLine](repeating: JobLine(), count: queues.count)
        let isBefore = Self.isBefore(id, priority: priority, amongEquals: amongEquals)
        let sql = Self.lines(isBefore, in: queues, at: now, dueBy: dueBy, limit: limit)
        for row in try await database.query(sql) {
            let state: JobState = try row.get("state")
            for place in queues.indices {
                let count = try row.get("n\(place)", as: Int?.self) ?? 0
                switch state {
                case .running:
                    lines[place].running = count
                    lines[place].runningBefore = try row.get("before\(place)") ?? 0
                    lines[place].worked = .milliseconds(max(0, try row.get("worked\(place)") ?? 0))
                case .delayed: lines[place].delayed = count
                default: lines[place].ready = count
                }
            }
        }
        return lines
    }

    static func isBefore(_ id: ID<Job>, priority: Int, amongEquals: Bool) -> SQL {
        amongEquals
            ? "priority = \(priority) AND id < \(id)"
            : "priority >= \(priority) AND (priority > \(priority) OR id < \(id))"
    }

    private static let mostRunning = 10_000

    /// By `state`, for each place in `queues`: `n`, and of those that run how many are `before`, and for how many
    /// milliseconds all have run, as `worked`. One literal state per branch: each is answered by its own partial index.
    static func lines(
        _ isBefore: SQL,
        in queues: [String],
        at now: Timestamp,
        dueBy: Timestamp,
        limit: Int,
    ) -> SQL {
        func sums(_ isCounted: SQL, _ worked: SQL) -> SQL {
            queues.enumerated().reduce("") { sums, queue in
                let isOwn: SQL = "queue = \(queue.element)"
                return sums + """
                    , SUM(CASE WHEN \(isOwn) THEN 1 ELSE 0 END) AS \(identifier: "n\(queue.offset)"),
                    SUM(CASE WHEN \(isOwn) AND \(isCounted) THEN 1 ELSE 0 END) AS \(identifier: "before\(queue.offset)"),
                    CAST(SUM(CASE WHEN \(isOwn) THEN \(worked) ELSE 0 END) AS BIGINT)
                        AS \(identifier: "worked\(queue.offset)")
                    """
            }
        }
        let waiting = sums("1 = 1", "0")
        return """
            SELECT 'ready' AS state\(waiting) FROM (
                SELECT queue FROM job
                WHERE queue IN (\(list: queues)) AND state = 'ready' AND \(isBefore) LIMIT \(limit)
            ) AS ready
            UNION ALL
            SELECT 'delayed' AS state\(waiting) FROM (
                SELECT queue FROM job WHERE state = 'delayed' AND run_at <= \(dueBy)
                    AND queue IN (\(list: queues)) AND \(isBefore) LIMIT \(limit)
            ) AS delayed
            UNION ALL
            SELECT 'running' AS state\(sums(isBefore, "\(now) - started_at")) FROM (
                SELECT queue, priority, id, started_at FROM job
                WHERE state = 'running' AND holder IS NOT NULL AND queue IN (\(list: queues)) LIMIT \(mostRunning)
            ) AS running
            """
    }
}
