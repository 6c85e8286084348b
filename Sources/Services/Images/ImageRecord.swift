import Database
import Jobs
import Kernel

/// A picture with the state of its one job, as stored.
struct ImageRecord: Sendable {
    enum Status: String, Sendable, CaseIterable {
        case pending, processing, completed, failed, retrying

        /// Nothing changes any more.
        var isFinal: Bool { self == .completed || self == .failed }
    }

    let id: ID<ImageRecord>
    /// The id that clients poll; also the id of the row in the job queue.
    let jobID: ID<Job>
    let owner: String
    let organization: String
    let bucket: String
    var status: Status
    /// SHA-256 of the file as sent, hexadecimal.
    let contentHash: String
    let mimeType: String
    let sizeBytes: Int
    /// Whether the file as sent stays; then sizes that nobody asked for yet are made when somebody does.
    let keepsOriginal: Bool
    /// What the client sent as `metadata`, and what was known at upload.
    let metadata: JSON
    /// What the pipeline found out; `null` before.
    let facts: JSON
    let attempts: Int
    let error: String?
    let createdAt: Timestamp
    let startedAt: Timestamp?
    let completedAt: Timestamp?

    /// The columns that ``init(row:)`` reads, in every query over images.
    static let columns: SQL = """
        image.id, image.job_id, image.owner, image.organization, image.bucket, image.status, image.content_hash,
        image.mime_type, image.size_bytes, image.keeps_original, image.metadata, image.facts, image.attempts, image.error,
        image.created_at, image.started_at, image.completed_at
        """

    init(row: Row) throws {
        id = try row.get("id")
        jobID = try row.get("job_id")
        owner = try row.get("owner")
        organization = try row.get("organization")
        bucket = try row.get("bucket")
        let status: String = try row.get("status")
        self.status = Status(rawValue: status) ?? .failed
        contentHash = try row.get("content_hash")
        mimeType = try row.get("mime_type")
        sizeBytes = try row.get("size_bytes")
        keepsOriginal = try row.get("keeps_original")
        metadata = try row.get("metadata")
        let facts: JSON? = try row.get("facts")
        self.facts = facts ?? .null
        attempts = try row.get("attempts")
        error = try row.get("error")
        createdAt = try row.get("created_at")
        startedAt = try row.get("started_at")
        completedAt = try row.get("completed_at")
    }
}

/// One stored size of a picture.
struct StoredVariant: Sendable, Equatable {
    let name: String
    let width: Int
    let height: Int
    let sizeBytes: Int

    init(name: String, width: Int, height: Int, sizeBytes: Int) {
        self.name = name
        self.width = width
        self.height = height
        self.sizeBytes = sizeBytes
    }

    init(row: Row) throws {
        name = try row.get("name")
        width = try row.get("width_px")
        height = try row.get("height_px")
        sizeBytes = try row.get("size_bytes")
    }

    /// Width over height with three decimals, as clients expect it.
    var aspectRatio: Double { (Double(width) / Double(max(1, height)) * 1000).rounded() / 1000 }

    /// Where its bytes lie: `processed/{variant}/{image}_{variant}.webp` below the bucket.
    static func path(of image: ID<ImageRecord>, name: String) -> String {
        "processed/\(name)/\(image)_\(name).webp"
    }

    /// The order in which sizes are shown: from small to large, equal ones as the names promise.
    static func isBefore(_ left: StoredVariant, _ right: StoredVariant) -> Bool {
        (left.width, left.height, rank(left.name), left.name) < (
            right.width, right.height, rank(right.name), right.name,
        )
    }

    private static func rank(_ name: String) -> Int {
        ["thumbnail", "medium", "large", "original"].firstIndex(of: name) ?? 4
    }
}
