import Kernel

/// What becomes of a job after a try.
enum JobOutcome: Equatable {
    case retried(at: Timestamp, JobFailure)
    case dead(JobFailure)
    case snoozed(until: Timestamp)
    case cancelled(JobFailure)
    /// The worker stops; the job goes back as if it had not been taken.
    case released
    /// Somebody else holds it now.
    case lost
}

/// Why a running job was told to stop.
enum StopReason: Sendable {
    /// Its process was taken for dead and its jobs were given away.
    case leaseLost
    /// Somebody cancelled the job.
    case requested
    case timedOut
    case workerStops
}

/// What an attempt knows when it decides.
struct Try {
    let attempt: Int
    let timeout: Duration
    let policy: RetryPolicy
    let now: Timestamp
}

extension JobOutcome {
    /// Decides from the error of a try and the reason it was told to stop, if it was. Whatever error such a try ends
    /// with, the reason counts: libraries wrap a cancellation in errors of their own.
    static func of(
        _ error: any Error,
        _ reason: StopReason?,
        _ this: Try,
        using generator: inout some RandomNumberGenerator,
    ) -> JobOutcome {
        switch reason {
        case .leaseLost: return .lost
        case .workerStops: return .released
        case .requested: return .cancelled(this.failure(JobError.cancelled, next: nil))
        case .timedOut: return ofFailure(JobError.timedOut(after: this.timeout), this, using: &generator)
        case nil: break
        }
        if error is JobLost { return .lost }
        if let snooze = error as? JobSnooze { return .snoozed(until: snooze.until) }
        return ofFailure(error, this, using: &generator)
    }

    private static func ofFailure(
        _ error: any Error,
        _ this: Try,
        using generator: inout some RandomNumberGenerator,
    ) -> JobOutcome {
        let failure = error as? any Failure
        if let until = failure?.postponedUntil { return .snoozed(until: until) }
        if let failure, failure.isOutage {
            // Everybody waits for the same store: not all of them shall come back in one moment.
            let usual = max(.seconds(1), failure.retryAfter ?? .zero)
            let wait = Duration.milliseconds(Int64.random(in: 0...usual.milliseconds, using: &generator))
            return .snoozed(until: this.now + .seconds(1) + wait)
        }
        if failure?.isPermanent == true || this.attempt >= this.policy.maxAttempts {
            return .dead(this.failure(error, next: nil))
        }
        let wait = max(
            this.policy.delay(after: this.attempt, using: &generator),
            failure?.retryAfter ?? .zero,
        )
        let next = this.now + wait
        return .retried(at: next, this.failure(error, next: next))
    }
}

extension Try {
    fileprivate func failure(_ error: any Error, next: Timestamp?) -> JobFailure {
        JobFailure(error, attempt: attempt, maxAttempts: policy.maxAttempts, nextAttemptAt: next)
    }
}
