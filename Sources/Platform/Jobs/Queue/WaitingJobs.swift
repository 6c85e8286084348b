import Database
import Kernel

/// Who waits in some queues, by priority.
package struct WaitingJobs: Sendable {
    /// How many have a priority or a higher one, the highest first.
    private typealias Totals = [(priority: Int, total: Int)]

    private let ready: [Totals]
    private let delayed: [Totals]

    fileprivate init(_ rows: [Row], queues: Int) throws(DatabaseError) {
        var counts: [JobState: [[Int: Int]]] = [:]
        let none = [[Int: Int]](repeating: [:], count: queues)
        for row in rows {
            let (place, priority): (Int, Int) = (try row.get("place"), try row.get("priority"))
            counts[try row.get("state"), default: none][place][priority] = try row.get("n")
        }
        func totals(_ state: JobState) -> [Totals] {
            (counts[state] ?? none).map { counts in
                var total = 0
                return counts.sorted { $0.key > $1.key }.map { priority, count in
                    total += count
                    return (priority, total)
                }
            }
        }
        (ready, delayed) = (totals(.ready), totals(.delayed))
    }

    /// Of each queue those of a higher priority: `ready` and `delayed` of the lines.
    package func before(priority: Int) -> [JobLine] {
        func count(_ totals: Totals) -> Int {
            totals[..<totals.partitioningIndex { $0.priority <= priority }].last?.total ?? 0
        }
        return zip(ready, delayed).map { JobLine(ready: count($0), delayed: count($1)) }
    }
}

extension JobQueue {
    /// All who wait in some queues, but for those that are put off until after `dueBy`; of each queue and state at most
    /// `limit` are counted, of those that are ready the next. One such look serves any number of questions of who is before whom.
    package func waiting(in queues: [String], dueBy: Timestamp, limit: Int) async throws(DatabaseError) -> WaitingJobs {
        let rows = try await database.query(Self.waiting(in: queues, dueBy: dueBy, limit: limit))
        return try WaitingJobs(rows, queues: queues.count)
    }

    static func waiting(in queues: [String], dueBy: Timestamp, limit: Int) -> SQL {
        let branches: [SQL] = queues.enumerated().flatMap { place, queue -> [SQL] in
            [
                """
                SELECT \(place) AS place, 'ready' AS state, priority, COUNT(*) AS n FROM (
                    SELECT priority FROM job WHERE queue = \(queue) AND state = 'ready' ORDER BY priority DESC LIMIT \(limit)
                ) AS ready GROUP BY priority
                """,
                """
                SELECT \(place) AS place, 'delayed' AS state, priority, COUNT(*) AS n FROM (
                    SELECT priority FROM job WHERE state = 'delayed' AND run_at <= \(dueBy) AND queue = \(queue) LIMIT \(limit)
                ) AS delayed GROUP BY priority
                """,
            ]
        }
        return branches.dropFirst().reduce(branches.first ?? "") { $0 + " UNION ALL " + $1 }
    }
}
