import Database
import Kernel

/// What a cancellation did.
package enum JobCancellation: Sendable, Equatable {
    /// The job had not begun and never will.
    case cancelled
    /// The job runs; it was told to stop, and whatever it does will have no effect.
    case requested
    /// There is nothing to cancel: no such job, or it has finished.
    case nothing
}

extension JobQueue {
    /// Brings a dead or cancelled job back, with all its tries, and runs the definition's `onRequeue`.
    ///
    /// - Returns: Whether there was such a job.
    @discardableResult
    package func requeue(_ id: ID<Job>, in transaction: any Transaction) throws -> Bool {
        let now = time.now
        let rows = try transaction.query(
            """
            UPDATE job SET state = 'ready', run_at = \(now), excused = attempt, lost = 0, cancel_requested = 0,
                progress = NULL, note = NULL, failure_code = NULL, failure_message = NULL, failure_detail = NULL,
                finished_at = NULL, expires_at = NULL
            WHERE id = \(id) AND state IN ('dead', 'cancelled') RETURNING queue, kind, arguments
            """
        )
        guard let row = rows.first else { return false }
        let (queue, kind): (String, String) = (try row.get("queue"), try row.get("kind"))
        try definition(kind)?.onRequeue(try row.get("arguments"), transaction)
        transaction.afterCommit { [wake] in wake.ready(queue) }
        return true
    }

    /// Brings a dead or cancelled job back, in a transaction of its own.
    @discardableResult
    package func requeue(_ id: ID<Job>) async throws -> Bool {
        try await database.transaction { [self] in try requeue(id, in: $0) }
    }

    /// Ends a job: one that waits at once, one that runs as soon as it notices. Its `onDead` runs with the code
    /// `cancelled`, and its effect never does.
    @discardableResult
    package func cancel(_ id: ID<Job>, in transaction: any Transaction) throws -> JobCancellation {
        // Without the lock a job that is put back right now would count as running, and hear nothing.
        guard try lock(id, in: transaction) else { return .nothing }
        let now = time.now
        let error = JobError.cancelled
        let rows = try transaction.query(
            """
            UPDATE job SET state = 'cancelled', finished_at = \(now), expires_at = \(now + settings.keepDead),
                failure_code = \(error.code), failure_message = \(error.message), failure_detail = \("\(error)")
            WHERE id = \(id) AND state IN ('ready', 'delayed')
            RETURNING queue, kind, arguments, attempt - excused - lost AS tries
            """
        )
        if let row = rows.first {
            depths.leave(try row.get("queue"), 1)
            try tellDead(row, error, in: transaction)
            return .cancelled
        }
        let requested = try transaction.execute(
            "UPDATE job SET cancel_requested = 1 WHERE id = \(id) AND state = 'running'"
        )
        guard requested == 1 else { return .nothing }
        transaction.afterCommit { [running, wake] in
            running.stop(id, .requested)
            wake.cancelled(id)
        }
        return .requested
    }

    /// Ends a job, in a transaction of its own.
    @discardableResult
    package func cancel(_ id: ID<Job>) async throws -> JobCancellation {
        try await database.transaction { [self] in try cancel(id, in: $0) }
    }

    /// Makes whoever wants to change the job wait until the transaction ends. Work changes its job first and the
    /// caller's rows after it; whoever changes both the other way round locks the job first, or they wait for each other.
    ///
    /// - Returns: Whether there is such a job.
    @discardableResult
    package func lock(_ id: ID<Job>, in transaction: any Transaction) throws(DatabaseError) -> Bool {
        try transaction.first(store.engine.lock(id)) != nil
    }

    private func tellDead(_ row: Row, _ error: JobError, in transaction: any Transaction) throws {
        guard let definition = definition(try row.get("kind")) else { return }
        let failure = JobFailure(
            error,
            attempt: try row.get("tries"),
            maxAttempts: definition.retry.maxAttempts,
            nextAttemptAt: nil,
        )
        try definition.onDead(try row.get("arguments"), failure, transaction)
    }
}
