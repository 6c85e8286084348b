import Database
import Kernel

/// What a queue does now, for the page of queues and `pictor jobs`.
package struct QueueOverview: Sendable, Equatable {
    package let queue: String
    package var ready = 0
    package var delayed = 0
    package var running = 0
    package var dead = 0
    /// When the job that has waited longest became ready; `nil` when none waits.
    package var waitingSince: Timestamp?
    /// Jobs done in the last minute, counted up to ``sample``.
    package var doneLastMinute = 0
    /// Jobs given up in the last hour.
    package var deadLastHour = 0
    /// How long the jobs of the last minute waited and worked, in ascending order.
    package var waits: [Duration] = []
    package var works: [Duration] = []
    /// Live processes that work the queue off, and how many of its jobs they may run at once altogether.
    package var workers = 0
    package var concurrency = 0
    /// What keeps its jobs from running sooner; `nil` while nobody works it off.
    package var limitingFactor: LimitingFactor?
    /// Times in a row that fewer lanes would have done; three of them take some away.
    package var lowReadings = 0
    /// The latest changes of ``concurrency``, the oldest first, where it follows the waits.
    package var scalingChanges: [ScalingChange] = []
    /// Kinds that are paused because they kept failing.
    package var paused: [PausedKind] = []

    static let sample = 5000

    init(queue: String) { self.queue = queue }

    /// The smallest value that `share` (0...1) of the values do not exceed; `nil` without values.
    package static func quantile(_ share: Double, of ascending: [Duration]) -> Duration? {
        ascending.isEmpty ? nil : ascending[min(ascending.count - 1, Int(share * Double(ascending.count)))]
    }
}

extension JobQueue {
    /// Every queue that this process knows or that has jobs, in alphabetical order.
    package func overview() async throws(DatabaseError) -> [QueueOverview] {
        let now = time.now
        var queues = Dictionary(uniqueKeysWithValues: kindsByQueue.keys.map { ($0, QueueOverview(queue: $0)) })
        for count in try await counts() {
            let path: WritableKeyPath<QueueOverview, Int>
            switch count.state {
            case .ready: path = \.ready
            case .delayed: path = \.delayed
            case .running: path = \.running
            case .dead: path = \.dead
            case .done, .cancelled: continue
            }
            queues[count.queue, default: QueueOverview(queue: count.queue)][keyPath: path] = count.count
        }
        for row in try await database.query(Self.oldestReady) {
            queues[try row.get("queue")]?.waitingSince = try row.get("since")
        }
        for row in try await database.query(Self.deadSince(now - .seconds(3600))) {
            queues[try row.get("queue")]?.deadLastHour = try row.get("n")
        }
        for row in try await database.query(Self.doneSince(now - .seconds(60))) {
            let queue: String = try row.get("queue")
            queues[queue, default: QueueOverview(queue: queue)].doneLastMinute += 1
            queues[queue]?.waits.append(.milliseconds(max(0, try row.get("wait", as: Int64.self))))
            queues[queue]?.works.append(.milliseconds(max(0, try row.get("work", as: Int64.self))))
        }
        try await addScaling(to: &queues)
        for row in try await database.query(BreakerStore.paused) {
            let kind = PausedKind(try BreakerRow(row: row))
            queues[kind.queue, default: QueueOverview(queue: kind.queue)].paused.append(kind)
        }
        return queues.values.sorted { $0.queue < $1.queue }.map { queue in
            var queue = queue
            queue.waits.sort()
            queue.works.sort()
            return queue
        }
    }

    private func addScaling(to queues: inout [String: QueueOverview]) async throws(DatabaseError) {
        for (queue, workers) in try await workersByQueue() {
            let lanes = workers.map(\.fixedLanes).reduce(0, +)
            queues[queue, default: QueueOverview(queue: queue)].workers = workers.count
            queues[queue]?.concurrency = lanes
            queues[queue]?.limitingFactor = lanes > 0 ? .fixed : nil
        }
        for row in try await database.query(ScalingStore.all) {
            let (queue, state) = (try row.get("queue", as: String.self), try ScalingState(row: row))
            guard let known = queues[queue], known.workers > 0, known.concurrency == 0 else { continue }
            queues[queue]?.concurrency = state.concurrency
            queues[queue]?.limitingFactor = state.factor
            queues[queue]?.lowReadings = state.lowReadings
            queues[queue]?.scalingChanges = state.history
        }
    }

    /// Jobs in a state, the latest first; `nil` for all queues.
    package func jobs(in state: JobState, queue: String?, limit: Int) async throws(DatabaseError) -> [Job] {
        let ofQueue: SQL = queue.map { "AND queue = \($0)" } ?? ""
        return try await list(
            """
            SELECT \(Job.columns) FROM job WHERE state = \(state) \(ofQueue)
            ORDER BY COALESCE(finished_at, started_at, run_at) DESC, id DESC LIMIT \(limit)
            """
        )
    }

    private static let oldestReady: SQL =
        "SELECT queue, MIN(run_at) AS since FROM job WHERE state = 'ready' GROUP BY queue"

    static func deadSince(_ moment: Timestamp) -> SQL {
        "SELECT queue, COUNT(*) AS n FROM job WHERE state = 'dead' AND finished_at > \(moment) GROUP BY queue"
    }

    static func doneSince(_ moment: Timestamp) -> SQL {
        """
        SELECT queue, started_at - run_at AS wait, finished_at - started_at AS work FROM job
        WHERE state = 'done' AND finished_at > \(moment) ORDER BY finished_at DESC LIMIT \(QueueOverview.sample)
        """
    }
}
