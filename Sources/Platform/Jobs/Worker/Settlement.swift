import Database
import Kernel
import Telemetry

/// Writes what became of a try, and what comes next.
extension JobQueue {
    /// Takes jobs and begins them.
    ///
    /// - Returns: In the order in which to work them off.
    func claim(_ claim: Claim, now: Timestamp, in transaction: any Transaction) throws -> [ClaimedJob] {
        try store.claim(claim, now: now, in: transaction).map { job in
            var job = job
            do {
                if let begin = definition(job.kind)?.begin { job.work = try begin(job.arguments, transaction) }
            } catch {
                job.work = { _ in throw error }
            }
            return job
        }
    }

    /// Marks a job done and applies its effect, in one transaction, together with the claim of what comes next, so
    /// that a lane needs one fsync per job and not two.
    ///
    /// - Returns: What was claimed.
    /// - Throws: What the effect threw; then nothing is written.
    func finish(
        _ job: ClaimedJob,
        _ definition: RegisteredJob,
        _ effect: @escaping JobEffect,
        claiming next: Claim?,
    )
        async throws -> [ClaimedJob]
    {
        let now = time.now
        let isProbe = breakers.isProbe(job)
        let isMonitored = monitors.contains { $0.kind == job.kind }
        let claimed = try await patiently(job) { [self] in
            try await database.transaction { [self] transaction in
                try store.finish(job, now: now, keep: definition.keepFinished, in: transaction)
                try RequestID.$current.withValue(job.requestID) {
                    try effect(transaction)
                    try enqueueChained(after: job, in: transaction)
                }
                if isMonitored { try transaction.execute(MonitorStore.restart(job.kind, now: now)) }
                if isProbe { try closeBreaker(after: job, in: transaction) }
                guard let next else { return [ClaimedJob]() }
                return try self.claim(next, now: now, in: transaction)
            }
        }
        metrics.completed.add(1, job.queue, job.kind)
        return claimed
    }

    /// Records that a try did not succeed, with the hook that belongs to it.
    func record(_ outcome: JobOutcome, _ job: ClaimedJob, _ definition: RegisteredJob) async {
        let now = time.now
        do {
            try await patiently(job) { [self] in
                try await database.transaction { [self] transaction in
                    try write(outcome, job, definition, now: now, withHook: true, in: transaction)
                }
            }
        } catch is JobLost {
            log(about: job).info("job lost")
        } catch {
            log(about: job).error("job hook failed", ["error": "\(error)"])
            await recordWithoutHook(outcome, job, definition, now: now)
        }
    }

    /// A hook that throws must not leave its job running for ever.
    private func recordWithoutHook(
        _ outcome: JobOutcome,
        _ job: ClaimedJob,
        _ definition: RegisteredJob,
        now: Timestamp,
    ) async {
        do {
            try await patiently(job) { [self] in
                try await database.transaction { [self] transaction in
                    try write(outcome, job, definition, now: now, withHook: false, in: transaction)
                }
            }
        } catch {
            log(about: job).error("job outcome not recorded", ["error": "\(error)"])
        }
    }

    private func write(
        _ outcome: JobOutcome,
        _ job: ClaimedJob,
        _ definition: RegisteredJob,
        now: Timestamp,
        withHook: Bool,
        in transaction: any Transaction,
    ) throws {
        func hook(_ call: () throws -> Void) throws {
            if withHook { try RequestID.$current.withValue(job.requestID, operation: call) }
        }
        switch outcome {
        case .retried(let at, let failure):
            try store.putBack(job, runAt: at, now: now, isExcused: false, failure: failure, in: transaction)
            try countFailure(failure, of: job, definition, now: now, in: transaction)
            try hook { try definition.onRetry(job.arguments, failure, transaction) }
            wakeAfterCommit(job.queue, at, now, transaction)
        case .snoozed(let until):
            try store.putBack(job, runAt: until, now: now, isExcused: true, failure: nil, in: transaction)
            wakeAfterCommit(job.queue, until, now, transaction)
        case .released:
            try store.putBack(job, runAt: job.runAt, now: now, isExcused: true, failure: nil, in: transaction)
            wakeAfterCommit(job.queue, now, now, transaction)
        case .dead(let failure):
            try store.giveUp(job, as: .dead, failure, now: now, keep: settings.keepDead, in: transaction)
            try countFailure(failure, of: job, definition, now: now, in: transaction)
            try hook { try definition.onDead(job.arguments, failure, transaction) }
        case .cancelled(let failure):
            try store.giveUp(job, as: .cancelled, failure, now: now, keep: settings.keepDead, in: transaction)
            try hook { try definition.onDead(job.arguments, failure, transaction) }
        case .lost:
            break
        }
    }

    private func wakeAfterCommit(_ queue: String, _ at: Timestamp, _ now: Timestamp, _ transaction: any Transaction) {
        transaction.afterCommit { [wake] in
            if at > now { wake.due(at) } else { wake.ready(queue) }
        }
    }

    /// Repeats a transaction while the engine is in trouble (a lock, a full disk) and the job is this process's: the
    /// work is done, doing it again would cost more than waiting, and nobody else may take it meanwhile.
    private func patiently<Value>(_ job: ClaimedJob, _ work: () async throws -> Value) async throws -> Value {
        var delay = Duration.milliseconds(100)
        while true {
            do {
                return try await work()
            } catch let error as DatabaseError where error.isTrouble && running.isLiving(job.holder) {
                log.warning("job transaction repeated", ["error": "\(error)", "delay.ms": "\(delay.milliseconds)"])
                try await time.sleep(until: time.now + delay)
                delay = min(delay * 2, .seconds(5))
            }
        }
    }
}

extension DatabaseError {
    /// Whether the engine may do better in a moment with the very same statements.
    fileprivate var isTrouble: Bool {
        switch self {
        case .busy, .diskFull, .inputOutput, .overloaded, .unavailable, .unknownOutcome: true
        default: false
        }
    }
}
