import Database
import Kernel

extension LimitingFactor: SQLBindable, SQLDecodable {}

extension ScalingState {
    static let columns: SQL = "concurrency, low_readings, cool_down_until, limiting_factor, history, need"

    init(row: Row) throws(DatabaseError) {
        concurrency = try row.get("concurrency")
        lowReadings = try row.get("low_readings")
        coolDownUntil = try row.get("cool_down_until")
        factor = try row.get("limiting_factor")
        need = try row.get("need")
        history = try row.get("history", as: JSON.self).array?.compactMap(ScalingChange.init(json:)) ?? []
    }

    fileprivate var historyJSON: JSON { JSON(history.map(\.json)) }
}

/// Every statement over the table `job_scaling`, and what a decision reads.
enum ScalingStore {
    /// Returns the state where this process is the one to decide. The row stays locked until it has; a moment far in
    /// the future is another process's wrong clock.
    static func begin(_ queue: String, now: Timestamp, interval: Duration) -> SQL {
        """
        UPDATE job_scaling SET decided_at = \(now)
        WHERE queue = \(queue) AND (decided_at <= \(now - interval) OR decided_at > \(now + interval))
        RETURNING \(ScalingState.columns)
        """
    }

    static func save(_ state: ScalingState, of queue: String) -> SQL {
        """
        UPDATE job_scaling SET concurrency = \(state.concurrency), low_readings = \(state.lowReadings),
            cool_down_until = \(state.coolDownUntil), limiting_factor = \(state.factor), history = \(state.historyJSON),
            need = \(state.need)
        WHERE queue = \(queue)
        """
    }

    static func insert(_ state: ScalingState, of queue: String, now: Timestamp) -> SQL {
        """
        INSERT INTO job_scaling (queue, \(ScalingState.columns), decided_at)
        VALUES (\(queue), \(state.concurrency), \(state.lowReadings), \(state.coolDownUntil), \(state.factor),
            \(state.historyJSON), \(state.need), \(now))
        ON CONFLICT (queue) DO NOTHING
        """
    }

    static func state(of queue: String) -> SQL {
        "SELECT \(ScalingState.columns) FROM job_scaling WHERE queue = \(queue)"
    }

    static let all: SQL = "SELECT queue, \(ScalingState.columns) FROM job_scaling"

    /// Ready jobs that may be claimed, as `n`, and since when the oldest could run, as `oldest`.
    static func waiting(_ queue: String, _ kinds: [String]) -> SQL {
        """
        SELECT COUNT(*) AS n, MIN(run_at) AS oldest FROM job
        WHERE queue = \(queue) AND state = 'ready' AND kind IN (\(list: kinds))
        """
    }

    /// Of every running job how long it waited, as `wait`, and when it began, as `started_at`.
    static func running(_ queue: String) -> SQL {
        """
        SELECT started_at - run_at AS wait, started_at FROM job
        WHERE state = 'running' AND holder IS NOT NULL AND queue = \(queue)
        """
    }

    /// How long the jobs waited that were done since `moment`, as `wait`.
    static func doneSince(_ moment: Timestamp, _ queue: String) -> SQL {
        """
        SELECT started_at - run_at AS wait FROM job WHERE state = 'done' AND finished_at > \(moment)
        AND queue = \(queue) ORDER BY finished_at DESC LIMIT 1000
        """
    }

    /// The live workers: `id`, `queues` and `memory_room`.
    static let workers: SQL = "SELECT id, queues, memory_room FROM job_worker"
}
