import Database
import Kernel
import Telemetry

/// What happens to the jobs of processes that died.
extension JobQueue {
    /// Declares processes dead whose heartbeat stopped, and gives their jobs back.
    func reap() async throws {
        let now = time.now
        let own = running.workers
        let dead = try await database.transaction { [leases, lease = settings.lease] transaction in
            try leases.removeStale(now: now, lease: lease, but: own, in: transaction)
        }
        if dead > 0 { log.warning("dead workers found", ["workers.count": "\(dead)"]) }
        try await recoverLost()
        if !store.engine.isSingleProcess { try await recoverStrays() }
    }

    /// Gives back jobs that this process holds without knowing: their claim was committed and the answer lost.
    private func recoverStrays() async throws {
        var strays: [HeldJobs.Key] = []
        for row in try await database.query(LeaseStore.held(by: running.workers)) {
            strays.append(HeldJobs.Key(id: try row.get("id"), attempt: try row.get("attempt")))
        }
        for stray in held.strays(among: strays) {
            log.warning("job claimed and lost", ["job.id": "\(stray.id)"])
            let rows = try await database.transaction { transaction in
                try transaction.query(LeaseStore.release(stray.id, attempt: stray.attempt))
            }
            for row in rows { wake.ready(try row.get("queue")) }
        }
    }

    /// Makes jobs ready whose holder is gone. One that keeps killing its process is given up.
    func recoverLost() async throws {
        let (queues, hopeless) = try await database.transaction { [leases, limit = settings.maxLosses] transaction in
            try leases.releaseLost(maxLosses: limit, in: transaction)
        }
        for queue in queues { metrics.lost.add(1, queue) }
        for (queue, jobs) in Dictionary(grouping: queues, by: \.self) { wake.ready(queue, jobs.count) }
        for job in hopeless {
            guard let definition = definition(job.kind) else { continue }
            let failure = JobFailure(
                JobError.keepsCrashing(times: settings.maxLosses),
                attempt: job.tries,
                maxAttempts: definition.retry.maxAttempts,
                nextAttemptAt: nil,
            )
            metrics.dead.add(1, job.queue, job.kind)
            log(about: job).error("job dead", ["error": failure.detail])
            await discard(job, definition)
            await record(.dead(failure), job, definition)
        }
    }

    /// Makes delayed jobs ready whose time has come.
    ///
    /// - Returns: When the next one is due.
    func promoteDue() async throws -> Timestamp? {
        let limit = 1000
        while true {
            let now = time.now
            let rows = try await database.transaction { [store] transaction in
                try transaction.query(store.engine.promote(now: now, limit: limit))
            }
            let queues = try rows.map { try $0.get("queue", as: String.self) }
            for (queue, jobs) in Dictionary(grouping: queues, by: \.self) { wake.ready(queue, jobs.count) }
            if rows.count < limit { break }
        }
        let next = try await database.lookup(JobStore.nextDue)
        return try next?.get("next")
    }

    /// Wakes the lanes of queues that have work which nobody announced, such as another process's, and tells jobs to
    /// stop that another process cancelled.
    func poll(_ queues: [String], _ worker: ID<JobWorker>) async throws {
        for queue in queues where try await database.lookup(JobStore.anyReady(queue)) != nil {
            wake.readyHere(queue)
        }
        for row in try await database.query(LeaseStore.cancelRequests(of: worker)) {
            running.stop(try row.get("id"), .requested)
        }
    }

    /// Brings the gauges of waiting jobs up to date.
    func measureDepths() async throws {
        let now = time.now
        var waiting = Dictionary(uniqueKeysWithValues: kindsByQueue.keys.map { ($0, (depth: 0, oldest: now)) })
        for row in try await database.query(JobStore.depths) {
            waiting[try row.get("queue")] = (try row.get("n"), try row.get("oldest"))
        }
        for (queue, (depth, oldest)) in waiting {
            metrics.depth.set(Double(depth), queue)
            metrics.oldest.set(max(.zero, now - oldest) / .seconds(1), queue)
        }
    }

    /// Deletes finished jobs whose time is over, a thousand per transaction.
    func sweepFinished() async throws {
        let limit = 1000
        while true {
            let now = time.now
            let swept = try await database.execute(JobStore.sweep(now: now, limit: limit))
            if swept < limit { return }
        }
    }
}
