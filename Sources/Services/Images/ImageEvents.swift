import Database
import Jobs
import Kernel

/// The audit trail: one row for everything that happens to a picture, written in the same transaction.
enum ImageEvent: String {
    case uploadInitiated = "upload_initiated"
    case processingStarted = "processing_started"
    case retryScheduled = "retry_scheduled"
    case retryRequested = "retry_requested"
    case completed
    case failed
    case deleted
    case accessDenied = "access_denied"

    func record(
        image: ID<ImageRecord>,
        job: ID<Job>,
        actor: String? = nil,
        detail: JSON = [:],
        at now: Timestamp,
        in transaction: any Transaction,
    ) throws {
        try transaction.execute(
            """
            INSERT INTO image_event (id, kind, image_id, job_id, actor, detail, created_at)
            VALUES (\(ID<ImageEvent>()), \(rawValue), \(image), \(job), \(actor), \(detail), \(now))
            """
        )
    }
}

/// One row of the audit trail.
struct StoredEvent: Sendable {
    /// The raw value of an ``ImageEvent``; a later version may know more kinds.
    let kind: String
    let detail: JSON
    let at: Timestamp

    init(row: Row) throws {
        kind = try row.get("kind")
        detail = try row.get("detail")
        at = try row.get("created_at")
    }
}
