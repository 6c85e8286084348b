import Database
import Kernel
import Telemetry

/// Pauses kinds that keep failing, and lets them go on.
extension JobQueue {
    /// Counts a failed try, in the transaction that records it. The last one opens the breaker; so does the failure of
    /// the job that a half-open one has let through.
    func countFailure(
        _ failure: JobFailure,
        of job: ClaimedJob,
        _ definition: RegisteredJob,
        now: Timestamp,
        in transaction: any Transaction,
    ) throws {
        guard let breaker = definition.breaker,
            let row = try transaction.first(BreakerStore.row(job.kind, queue: job.queue)).map(BreakerRow.init)
        else { return }
        switch row.state {
        case .open: return
        case .halfOpen: if row.probe != job.id { return }
        case .closed:
            let failures = breaker.adding(now, to: row.failures)
            guard failures.count >= breaker.failures else {
                try transaction.execute(BreakerStore.setFailures(failures, of: job.kind))
                return
            }
        }
        let resumeAt = breaker.resumeAfter.map { now + $0 }
        let openedAt = row.openedAt ?? now
        try transaction.execute(
            BreakerStore.open(job.kind, reason: failure.code, openedAt: openedAt, resumeAt: resumeAt)
        )
        transaction.afterCommit { [breakers, metrics, log] in
            breakers.pause(job.kind)
            metrics.breakerOpen.set(1, job.kind)
            log.error(
                "job kind paused",
                ["job.kind": job.kind, "error": failure.code, "resume.at": resumeAt?.rfc3339 ?? "by hand"],
            )
        }
    }

    /// Closes the breaker that let this job through, in the transaction that marks the job done.
    func closeBreaker(after job: ClaimedJob, in transaction: any Transaction) throws {
        let closed = try transaction.execute(BreakerStore.closeAfterProbe(job.id, job.kind))
        if closed == 1 { transaction.afterCommit { [self] in goOn(job.kind, job.queue) } }
    }

    /// Lets a paused kind, or every paused kind of a queue, go on at once, whatever its breaker waits for.
    ///
    /// - Returns: The kinds that were paused.
    @discardableResult
    package func resume(_ name: String) async throws -> [String] {
        let rows = try await database.transaction { try $0.query(BreakerStore.resume(name)) }
        return try rows.map { row in
            let kind: String = try row.get("kind")
            goOn(kind, try row.get("queue"))
            return kind
        }
    }

    private func goOn(_ kind: String, _ queue: String) {
        breakers.resume(kind)
        metrics.breakerOpen.set(0, kind)
        log.info("job kind resumed", ["job.kind": kind])
        wake.ready(queue)
    }

    /// Forgets pauses that nothing would end: of kinds that have no breaker in this program. One that ends by itself may be
    /// of a newer program, which has one.
    func prepareBreakers() async throws {
        let guarded = kindsWithBreaker
        for row in try await database.query(BreakerStore.paused).map(BreakerRow.init) {
            guard definition(row.kind) != nil, !guarded.contains(row.kind), row.resumeAt == nil else { continue }
            try await database.execute(BreakerStore.forget(row.kind))
        }
    }

    /// Learns which kinds are paused, also by other processes.
    ///
    /// - Returns: The kinds of which one job may be let through now.
    func readBreakers() async throws -> [String] {
        let guarded = kindsWithBreaker
        guard !guarded.isEmpty else { return [] }
        let (now, version) = (time.now, breakers.version)
        let rows = try await database.query(BreakerStore.paused).map(BreakerRow.init).filter {
            guarded.contains($0.kind)
        }
        guard breakers.setPaused(Set(rows.map(\.kind)), asOf: version) else { return [] }
        for kind in guarded { metrics.breakerOpen.set(rows.contains { $0.kind == kind } ? 1 : 0, kind) }
        for row in rows where row.state == .halfOpen {
            try await database.execute(BreakerStore.dropLostProbe(row.kind))
        }
        return rows.filter { row in row.state == .open && row.resumeAt.map { $0 <= now } ?? false }.map(\.kind)
    }

    /// Takes the one job that a breaker lets through: of all processes at most one gets it.
    func claimProbe(_ claim: Claim, of kind: String) async throws -> [ClaimedJob] {
        let now = time.now
        let claimed = try await database.transaction { [self] transaction in
            guard try transaction.execute(BreakerStore.beginProbe(kind, now: now)) == 1 else { return [ClaimedJob]() }
            let claimed = try self.claim(claim, now: now, in: transaction)
            try transaction.execute(BreakerStore.setProbe(claimed.first?.id, of: kind))
            return claimed
        }
        for job in claimed { breakers.addProbe(job) }
        return claimed
    }
}
