import Database
import Kernel
import Telemetry

/// What follows on the end of a try: transaction, log line, metrics.
extension JobQueue {
    /// Finishes a job whose work was done.
    ///
    /// - Returns: What was claimed along with it.
    func succeed(
        _ job: ClaimedJob,
        _ definition: RegisteredJob,
        _ effect: @escaping JobEffect,
        claiming next: Claim?,
    )
        async -> [ClaimedJob]
    {
        do {
            let claimed = try await finish(job, definition, effect, claiming: next)
            log(about: job).info("job done", ["duration.ms": "\((time.now - job.runAt).milliseconds)"])
            return claimed
        } catch {
            // The effect failed, so the try did; or a cancellation came before its commit.
            let reason: StopReason? = error as? JobError == .cancelled ? .requested : nil
            await fail(job, definition, error, reason)
            return []
        }
    }

    /// Records a try that did not succeed.
    func fail(_ job: ClaimedJob, _ definition: RegisteredJob, _ error: any Error, _ reason: StopReason?) async {
        let this = Try(attempt: job.tries, timeout: definition.timeout, policy: definition.retry, now: time.now)
        let outcome = chance.with { JobOutcome.of(error, reason, this, using: &$0) }
        switch outcome {
        case .retried(let at, let failure):
            metrics.failed.add(1, job.queue, job.kind)
            log(about: job).warning(
                "job failed",
                ["error": failure.detail, "retry.ms": "\((at - this.now).milliseconds)"],
            )
        case .dead(let failure):
            metrics.failed.add(1, job.queue, job.kind)
            metrics.dead.add(1, job.queue, job.kind)
            log(about: job).error("job dead", ["error": failure.detail])
        case .cancelled: log(about: job).info("job cancelled")
        case .lost: log(about: job).info("job lost")
        case .snoozed where (error as? any Failure)?.isOutage == true:
            log(about: job).warning("job waits for a store", ["error": "\(error)"])
        case .released, .snoozed: log(about: job).debug("job put back")
        }
        await discard(job, definition)
        await record(outcome, job, definition)
    }

    /// Lets the kind see to what a try has left behind, as soon as the stores are there: nobody else may know of it. The work
    /// may have been told to stop, this is not.
    func discard(_ job: ClaimedJob, _ definition: RegisteredJob) async {
        var delay = Duration.seconds(1)
        while true {
            do {
                return try await Task { try await definition.onDiscard(job.arguments) }.value
            } catch let error as any Failure where error.isOutage && running.isLiving(job.holder) {
                log(about: job).warning(
                    "job discarded later",
                    ["error": "\(error)", "delay.ms": "\(delay.milliseconds)"],
                )
                guard (try? await time.sleep(until: time.now + delay)) != nil else { return }
                delay = min(delay * 2, .seconds(30))
            } catch {
                return log(about: job).error("job not discarded", ["error": "\(error)"])
            }
        }
    }

    /// Gives claimed jobs back as if they had not been taken.
    func release(_ claimed: [ClaimedJob]) async {
        guard !claimed.isEmpty else { return }
        defer { held.remove(claimed) }
        let now = time.now
        do {
            try await database.transaction { [store, wake] transaction in
                for job in claimed {
                    do {
                        try store.putBack(
                            job,
                            runAt: job.runAt,
                            now: now,
                            isExcused: true,
                            failure: nil,
                            in: transaction,
                        )
                    } catch is JobLost { continue }
                    transaction.afterCommit { wake.ready(job.queue) }
                }
            }
        } catch {
            log.error("jobs not released", ["jobs.count": "\(claimed.count)", "error": "\(error)"])
        }
    }

    func log(about job: ClaimedJob) -> Log {
        let log = self.log.with([
            "job.id": "\(job.id)", "job.kind": job.kind, "job.queue": job.queue, "job.attempt": "\(job.tries)",
        ])
        return job.requestID.map { log.with(["request.id": $0]) } ?? log
    }
}
