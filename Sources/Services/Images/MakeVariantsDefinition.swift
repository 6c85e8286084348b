import Database
import Jobs
import Kernel
import SharedState
import Telemetry

/// How the queue treats ``MakeVariants``: bad pictures fail at once, all else is tried four times.
func makeVariantsDefinition(_ service: ImagesService) -> JobDefinition<MakeVariants> {
    let work = VariantWork(
        files: service.files,
        objects: service.objects,
        pool: service.pool,
        settings: service.settings,
        store: service.store,
        changes: service.changes,
        time: service.time,
        metrics: service.metrics,
    )
    let outcome = VariantOutcome(service: service)
    return JobDefinition(
        MakeVariants.self,
        queue: ImagesModule.queue,
        retry: .exponential(
            attempts: 4,
            base: service.settings.retryDelay,
            jitter: service.settings.hasRetryJitter,
        ),
        timeout: service.settings.deadline + .seconds(30),
        onRequeue: { try service.putBack($0.image, actor: nil, in: $1) },
        onRetry: outcome.retried,
        onDead: outcome.failed,
        work: { arguments, context in try await work(arguments, context) },
    )
}

/// What a failed attempt means for the picture, in the transaction that records it.
struct VariantOutcome: Sendable {
    let service: ImagesService

    @Sendable func retried(_ arguments: MakeVariants, _ failure: JobFailure, _ transaction: any Transaction) throws {
        try record(.retrying, .retryScheduled, arguments, failure, transaction)
    }

    /// Deletes the file as sent when the picture is to blame; else it stays for a retry by hand.
    @Sendable func failed(_ arguments: MakeVariants, _ failure: JobFailure, _ transaction: any Transaction) throws {
        let files = service.files
        let deleted = try transaction.first(
            "SELECT bucket FROM image WHERE id = \(arguments.image) AND deleted_at IS NOT NULL"
        )
        if let bucket: String = try deleted?.get("bucket") {
            return transaction.afterCommit { files.removeSoon(arguments.image, bucket: bucket) }
        }
        try record(.failed, .failed, arguments, failure, transaction)
        if failure.isVerdict { transaction.afterCommit { files.removeSourceSoon(arguments.image) } }
    }

    private func record(
        _ status: ImageRecord.Status,
        _ event: ImageEvent,
        _ arguments: MakeVariants,
        _ failure: JobFailure,
        _ transaction: any Transaction,
    ) throws {
        let now = service.time.now
        let rows = try transaction.query(
            "SELECT job_id FROM image WHERE id = \(arguments.image) AND deleted_at IS NULL"
        )
        guard let job: ID<Job> = try rows.first?.get("job_id") else { return }
        try service.store.setStatus(
            status,
            of: arguments.image,
            error: failure.message,
            attempts: failure.attempt,
            completedAt: status == .failed ? now : nil,
            in: transaction,
        )
        try event.record(
            image: arguments.image,
            job: job,
            detail: ["error": JSON(failure.message), "attempt": JSON(failure.attempt)],
            at: now,
            in: transaction,
        )
        let (changes, metrics) = (service.changes, service.metrics)
        transaction.afterCommit {
            metrics.jobs.add(1, status.rawValue)
            changes.publish(job)
        }
    }
}
