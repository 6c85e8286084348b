import Database
import Kernel
import Telemetry

/// One concurrency per queue for all processes.
extension JobQueue {
    /// Decides a queue's concurrency when the last decision is old enough, and of all processes in exactly one.
    ///
    /// - Returns: What holds for all of them.
    func rescale(_ queue: String, _ policy: ScalingPolicy) async throws -> ScalingState {
        let (now, interval) = (time.now, settings.scalingInterval)
        let known = kindsByQueue[queue] ?? []
        let kinds = breakers.claimable(known)
        let need = need(of: queue)
        return try await database.transaction { transaction in
            let mine = try transaction.first(ScalingStore.begin(queue, now: now, interval: interval))
            if let state = try mine.map(ScalingState.init) {
                var reading = try read(queue, kinds, since: now - interval, now: now, in: transaction)
                reading.need = need
                let next = state.decide(reading, policy, now: now)
                if next != state { try transaction.execute(ScalingStore.save(next, of: queue)) }
                return next
            }
            if let row = try transaction.first(ScalingStore.state(of: queue)) { return try ScalingState(row: row) }
            let first = ScalingState(concurrency: policy.min)
            try transaction.execute(ScalingStore.insert(first, of: queue, now: now))
            return first
        }
    }

    /// The live workers of each queue, in all processes.
    func workersByQueue() async throws(DatabaseError) -> [String: [QueueWorker]] {
        try queueWorkers(try await database.query(ScalingStore.workers))
    }
}

private func read(
    _ queue: String,
    _ kinds: [String],
    since: Timestamp,
    now: Timestamp,
    in transaction: any Transaction,
) throws -> ScalingReading {
    let workers = try queueWorkers(try transaction.query(ScalingStore.workers))[queue] ?? []
    var reading = ScalingReading(
        waiting: 0,
        running: 0,
        wait: .zero,
        workers: workers.count,
        room: workers.compactMap(\.memoryRoom).min(),
        isPaused: kinds.isEmpty,
    )
    var waits: [Duration] = []
    for row in try transaction.query(ScalingStore.running(queue)) {
        reading.running += 1
        if try row.get("started_at", as: Timestamp.self) > since { waits.append(.milliseconds(try row.get("wait"))) }
    }
    guard !kinds.isEmpty else { return reading }
    for row in try transaction.query(ScalingStore.doneSince(since, queue)) {
        waits.append(.milliseconds(try row.get("wait")))
    }
    var oldest: Timestamp?
    if let row = try transaction.first(ScalingStore.waiting(queue, kinds)) {
        reading.waiting = try row.get("n")
        oldest = try row.get("oldest")
    }
    let recent = QueueOverview.quantile(0.95, of: waits.sorted()) ?? .zero
    reading.wait = max(.zero, recent, oldest.map { now - $0 } ?? .zero)
    return reading
}
