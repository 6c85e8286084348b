import Database
import Kernel

/// How many jobs of a queue are in a state.
package struct JobCount: Sendable, Equatable {
    package let queue: String
    package let state: JobState
    package let count: Int
}

extension JobQueue {
    /// A job by its id; `nil` when there never was one or it was swept. Cheap enough for an event loop.
    package func state(of id: ID<Job>) async throws(DatabaseError) -> Job? {
        guard let row = try await database.lookup("SELECT \(Job.columns) FROM job WHERE id = \(id)") else { return nil }
        return try Job(row: row)
    }

    /// Unfinished and dead jobs by queue and state, for pages and metrics; done ones are not counted.
    package func counts() async throws(DatabaseError) -> [JobCount] {
        var counts: [JobCount] = []
        // One literal state per branch: each is answered by its own partial index.
        let rows = try await database.query(
            """
            SELECT queue, 'ready' AS state, COUNT(*) AS n FROM job WHERE state = 'ready' GROUP BY queue
            UNION ALL
            SELECT queue, 'delayed' AS state, COUNT(*) AS n FROM job WHERE state = 'delayed' GROUP BY queue
            UNION ALL
            SELECT queue, 'running' AS state, COUNT(*) AS n FROM job WHERE state = 'running' GROUP BY queue
            UNION ALL
            SELECT queue, 'dead' AS state, COUNT(*) AS n FROM job WHERE state = 'dead' GROUP BY queue
            ORDER BY queue, state
            """
        )
        for row in rows {
            counts.append(
                JobCount(queue: try row.get("queue"), state: try row.get("state"), count: try row.get("n"))
            )
        }
        return counts
    }

    /// Ready jobs of a queue.
    package func depth(queue: String) async throws(DatabaseError) -> Int {
        try await database.first(JobStore.depth(queue, upTo: .max))?.get("n") ?? 0
    }

    /// Jobs that were given up, the latest first. Pass the last one seen to get the next page.
    package func deadLetters(after last: Job? = nil, limit: Int = 50) async throws(DatabaseError) -> [Job] {
        let position = last.flatMap { last in last.finishedAt.map { ($0, last.id) } }
        return try await list(Self.deadLetters(olderThan: position, limit: limit))
    }

    static func deadLetters(olderThan last: (at: Timestamp, id: ID<Job>)?, limit: Int) -> SQL {
        let older: SQL = last.map { "AND (finished_at, id) < (\($0.at), \($0.id))" } ?? ""
        return """
            SELECT \(Job.columns) FROM job WHERE state = 'dead' \(older)
            ORDER BY finished_at DESC, id DESC LIMIT \(limit)
            """
    }

    /// Jobs that run now, the longest first.
    package func runningJobs(limit: Int = 50) async throws(DatabaseError) -> [Job] {
        try await list(
            "SELECT \(Job.columns) FROM job WHERE state = 'running' ORDER BY started_at, id LIMIT \(limit)"
        )
    }

    func list(_ sql: SQL) async throws(DatabaseError) -> [Job] {
        var jobs: [Job] = []
        for row in try await database.query(sql) { jobs.append(try Job(row: row)) }
        return jobs
    }
}
