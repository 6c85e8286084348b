import Database
import Kernel

/// What follows on a job that is done.
struct JobChain: Sendable {
    /// Gets the finished job's arguments as stored.
    let enqueue: @Sendable (String, JobQueue, any Transaction) throws -> Void
}

extension JobQueue {
    /// Enqueues a second job whenever one of a kind is done, in the transaction that marks it done: exactly once,
    /// whatever crashes when. Work that is done is not refused because the next queue is full.
    ///
    /// - Parameters:
    ///   - first: The kind that is waited for. Several chains may hang on one.
    ///   - uniqueKey: As in ``enqueue(_:id:uniqueKey:priority:notBefore:in:)``, for several kinds that lead to one job.
    ///   - next: The second job's arguments; `nil` when nothing follows.
    package func chain<First: JobArguments, Next: JobArguments>(
        after first: First.Type,
        uniqueKey: String? = nil,
        _ next: @escaping @Sendable (First) throws -> Next?,
    ) {
        let chain = JobChain { text, queue, transaction in
            guard let arguments = try next(try decode(text)) else { return }
            try queue.enqueue(
                Next.kind,
                try encode(arguments),
                id: ID(),
                uniqueKey: uniqueKey,
                priority: 0,
                notBefore: nil,
                isRefusable: false,
                in: transaction,
            )
        }
        add(chain, after: First.kind)
    }

    /// Enqueues what follows on a job, in the transaction that marks it done.
    func enqueueChained(after job: ClaimedJob, in transaction: any Transaction) throws {
        for chain in chains(after: job.kind) { try chain.enqueue(job.arguments, self, transaction) }
    }
}
