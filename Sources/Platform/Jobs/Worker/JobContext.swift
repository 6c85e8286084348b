import Database
import Kernel

/// What a running job may ask and do. A job that is to stop finds its task cancelled.
package struct JobContext: Sendable {
    package let id: ID<Job>
    package let kind: String
    package let queue: String
    /// Which try this is, from 1.
    package let attempt: Int
    package let maxAttempts: Int
    /// The request that enqueued the job.
    package let requestID: String?
    private let fence: Int
    private let jobs: JobQueue
    private let reporter: ProgressReporter

    init(_ job: ClaimedJob, maxAttempts: Int, jobs: JobQueue) {
        id = job.id
        kind = job.kind
        queue = job.queue
        attempt = job.tries
        self.maxAttempts = maxAttempts
        requestID = job.requestID
        fence = job.attempt
        self.jobs = jobs
        reporter = ProgressReporter(job, jobs)
    }

    /// Runs `body` in a transaction, for what must be visible before the job ends.
    ///
    /// - Throws: ``JobLost`` when the attempt does not hold the job any more; then nothing is written, and the work
    ///   should end.
    @discardableResult
    package func transaction<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    )
        async throws -> Value
    {
        try await jobs.database.transaction { [id, fence, store = jobs.store] transaction in
            try store.requireHeld(id, attempt: fence, in: transaction)
            return try body(transaction)
        }
    }

    /// Makes a transaction that somebody else began fail when the attempt does not hold the job any more: for work whose
    /// lasting steps are other modules' transactions.
    ///
    /// - Throws: ``JobLost``.
    package func requireHeld(in transaction: any Transaction) throws {
        try jobs.store.requireHeld(id, attempt: fence, in: transaction)
    }

    /// Reports how far the work is. Callable from any thread as often as it likes: it is written at most once per
    /// ``JobSettings/progressInterval``, and what comes between is dropped.
    ///
    /// - Parameters:
    ///   - fraction: 0 to 1; values outside are cut.
    ///   - note: A few words for people.
    package func progress(_ fraction: Double, _ note: String = "") { reporter.report(fraction, note) }
}
