import Database
import Jobs
import Kernel

/// The queries about pictures and their sizes.
struct ImageStore: Sendable {
    let database: any Database

    // MARK: One picture

    /// The picture, unless it was deleted.
    func find(_ id: ID<ImageRecord>) async throws -> ImageRecord? {
        try await database.lookup(
            "SELECT \(ImageRecord.columns) FROM image WHERE id = \(id) AND deleted_at IS NULL"
        ).map(ImageRecord.init(row:))
    }

    /// Those of the pictures that are there, in any order.
    func find(_ ids: [ID<ImageRecord>]) async throws -> [ImageRecord] {
        guard !ids.isEmpty else { return [] }
        return try await database.query(
            "SELECT \(ImageRecord.columns) FROM image WHERE id IN (\(list: ids)) AND deleted_at IS NULL"
        ).map(ImageRecord.init(row:))
    }

    /// Whether there is such a picture, or was one that was deleted.
    func isKnown(_ id: ID<ImageRecord>) async throws -> Bool {
        try await database.lookup("SELECT id FROM image WHERE id = \(id)") != nil
    }

    /// The picture whose job this is, unless it was deleted.
    func find(job: ID<Job>) async throws -> ImageRecord? {
        try await database.lookup(
            "SELECT \(ImageRecord.columns) FROM image WHERE job_id = \(job) AND deleted_at IS NULL"
        ).map(ImageRecord.init(row:))
    }

    /// How far the pictures of these jobs have come: another text when one moved on. Those that are gone are left out.
    func versions(of jobs: [ID<Job>]) async throws -> [ID<Job>: String] {
        var versions: [ID<Job>: String] = [:]
        for row in try await database.query(Self.steps(of: jobs)) {
            let (attempts, sizes) = (try row.get("attempts", as: Int.self), try row.get("sizes", as: Int.self))
            versions[try row.get("job_id")] = "\(try row.get("status", as: String.self)) \(attempts) \(sizes)"
        }
        return versions
    }

    static func steps(of jobs: [ID<Job>]) -> SQL {
        """
        SELECT job_id, status, attempts, (SELECT COUNT(*) FROM image_variant WHERE image_id = image.id) AS sizes
        FROM image WHERE job_id IN (\(list: jobs)) AND deleted_at IS NULL
        """
    }

    /// Its stored sizes, smallest first.
    func variants(of id: ID<ImageRecord>) async throws -> [StoredVariant] {
        try await database.query(
            "SELECT name, width_px, height_px, size_bytes FROM image_variant WHERE image_id = \(id)"
        ).map(StoredVariant.init(row:)).sorted(by: StoredVariant.isBefore)
    }

    /// A completed picture of the same organisation with the same bytes, made by the same recipe.
    func twin(of image: ImageRecord, recipe: String) async throws -> ImageRecord? {
        try await database.query(
            """
            SELECT \(ImageRecord.columns) FROM image
            WHERE content_hash = \(image.contentHash) AND status = 'completed' AND recipe = \(recipe)
              AND organization = \(image.organization) AND deleted_at IS NULL AND id <> \(image.id)
            LIMIT 1
            """
        ).first.map(ImageRecord.init(row:))
    }

    // MARK: Many pictures

    /// Completed pictures among `ids`, with all their sizes, in two queries.
    func completed(_ ids: [ID<ImageRecord>]) async throws -> [(image: ImageRecord, variants: [StoredVariant])] {
        guard !ids.isEmpty else { return [] }
        let images = try await database.query(
            """
            SELECT \(ImageRecord.columns) FROM image
            WHERE id IN (\(list: ids)) AND status = 'completed' AND deleted_at IS NULL
            """
        ).map(ImageRecord.init(row:))
        let variants = try await variants(ofAll: images.map(\.id))
        return images.map { ($0, variants[$0.id] ?? []) }
    }

    /// Newest first; pass the last picture seen to get the next page, and an `owner` to see only theirs.
    func newest(
        before last: ImageRecord?,
        status: ImageRecord.Status?,
        limit: Int,
        owner: String? = nil,
    ) async throws -> [ImageRecord] {
        let older: SQL = last.map { "AND (created_at, id) < (\($0.createdAt), \($0.id))" } ?? ""
        let only: SQL = status.map { "AND status = \($0.rawValue)" } ?? ""
        let theirs: SQL = owner.map { "AND owner = \($0)" } ?? ""
        return try await database.query(
            """
            SELECT \(ImageRecord.columns) FROM image WHERE deleted_at IS NULL \(only) \(theirs) \(older)
            ORDER BY created_at DESC, id DESC LIMIT \(limit)
            """
        ).map(ImageRecord.init(row:))
    }

    /// The completed picture uploaded next after this one, or next before it.
    func neighbour(of image: ImageRecord, isNewer: Bool, owner: String?) async throws -> ImageRecord? {
        guard isNewer else { return try await newest(before: image, status: .completed, limit: 1, owner: owner).first }
        let theirs: SQL = owner.map { "AND owner = \($0)" } ?? ""
        return try await database.query(
            """
            SELECT \(ImageRecord.columns) FROM image
            WHERE deleted_at IS NULL AND status = 'completed' \(theirs)
              AND (created_at, id) > (\(image.createdAt), \(image.id))
            ORDER BY created_at, id LIMIT 1
            """
        ).first.map(ImageRecord.init(row:))
    }

    /// What happened to a picture, oldest first.
    func events(of id: ID<ImageRecord>) async throws -> [StoredEvent] {
        try await database.query(
            "SELECT kind, detail, created_at FROM image_event WHERE image_id = \(id) ORDER BY created_at, id LIMIT 200"
        ).map(StoredEvent.init(row:))
    }

    /// The sizes of several pictures in one query.
    func variants(ofAll ids: [ID<ImageRecord>]) async throws -> [ID<ImageRecord>: [StoredVariant]] {
        guard !ids.isEmpty else { return [:] }
        let rows = try await database.query(
            "SELECT image_id, name, width_px, height_px, size_bytes FROM image_variant WHERE image_id IN (\(list: ids))"
        )
        var all: [ID<ImageRecord>: [StoredVariant]] = [:]
        for row in rows { all[try row.get("image_id"), default: []].append(try StoredVariant(row: row)) }
        return all.mapValues { $0.sorted(by: StoredVariant.isBefore) }
    }

    /// Perceptual hashes of the newest completed pictures, at most `limit`; answered from an index alone.
    func perceptualHashes(limit: Int) async throws -> [(id: ID<ImageRecord>, hash: UInt64)] {
        let rows = try await database.query(
            """
            SELECT id, perceptual_hash FROM image
            WHERE perceptual_hash IS NOT NULL ORDER BY created_at DESC, id DESC LIMIT \(limit)
            """
        )
        return try rows.compactMap { row in
            let text: String = try row.get("perceptual_hash")
            return try UInt64(text, radix: 16).map { (try row.get("id"), $0) }
        }
    }

    /// Every picture of a user, for its erasure.
    func all(ofOwner owner: String) async throws -> [ImageRecord] {
        try await database.query("SELECT \(ImageRecord.columns) FROM image WHERE owner = \(owner)")
            .map(ImageRecord.init(row:))
    }

    // MARK: Changes, each inside the caller's transaction

    func insert(_ image: NewImage, recipe: String, at now: Timestamp, in transaction: any Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO image (id, job_id, owner, organization, bucket, status, content_hash, recipe, mime_type,
                size_bytes, keeps_original, metadata, created_at)
            VALUES (\(image.id), \(image.jobID), \(image.owner), \(image.organization), \(image.bucket.description),
                'pending', \(image.contentHash), \(recipe), \(image.mimeType), \(image.sizeBytes),
                \(image.keepsOriginal), \(image.metadata),
                \(now))
            """
        )
    }

    func start(_ id: ID<ImageRecord>, attempt: Int, at now: Timestamp, in transaction: any Transaction) throws {
        try transaction.execute(
            """
            UPDATE image SET status = 'processing', attempts = \(attempt), started_at = COALESCE(started_at, \(now))
            WHERE id = \(id)
            """
        )
    }

    func put(_ variant: StoredVariant, of id: ID<ImageRecord>, in transaction: any Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO image_variant (image_id, name, width_px, height_px, size_bytes)
            VALUES (\(id), \(variant.name), \(variant.width), \(variant.height), \(variant.sizeBytes))
            ON CONFLICT (image_id, name) DO UPDATE SET
                width_px = excluded.width_px, height_px = excluded.height_px, size_bytes = excluded.size_bytes
            """
        )
    }

    func complete(
        _ id: ID<ImageRecord>,
        facts: JSON,
        perceptualHash: String?,
        at now: Timestamp,
        in transaction: any Transaction,
    ) throws {
        try transaction.execute(
            """
            UPDATE image SET status = 'completed', facts = \(facts), perceptual_hash = \(perceptualHash),
                error = NULL, completed_at = \(now)
            WHERE id = \(id)
            """
        )
    }

    func setStatus(
        _ status: ImageRecord.Status,
        of id: ID<ImageRecord>,
        error: String?,
        attempts: Int,
        completedAt: Timestamp?,
        in transaction: any Transaction,
    ) throws {
        try transaction.execute(
            """
            UPDATE image SET status = \(status.rawValue), error = \(error), attempts = \(attempts),
                completed_at = \(completedAt)
            WHERE id = \(id)
            """
        )
    }

    /// Marks the picture as deleted and forgets what was found out about it. The rows of its sizes stay until their
    /// files are gone: see ``leftovers(limit:)``.
    ///
    /// - Returns: Whether there was one to delete.
    func delete(_ id: ID<ImageRecord>, at now: Timestamp, in transaction: any Transaction) throws -> Bool {
        let changed = try transaction.execute(
            """
            UPDATE image SET deleted_at = \(now), facts = NULL, perceptual_hash = NULL, metadata = '{}'
            WHERE id = \(id) AND deleted_at IS NULL
            """
        )
        return changed == 1
    }

    // MARK: What deleted pictures left behind

    /// Sizes of deleted pictures whose files may still be there.
    func leftovers(limit: Int) async throws -> [(image: ID<ImageRecord>, bucket: String, name: String)] {
        try await database.query(
            """
            SELECT image.id, image.bucket, image_variant.name FROM image
            JOIN image_variant ON image_variant.image_id = image.id
            WHERE image.deleted_at IS NOT NULL LIMIT \(limit)
            """
        ).map { (try $0.get("id"), try $0.get("bucket"), try $0.get("name")) }
    }

    /// Deleted pictures whose file as sent may still be there although it was kept.
    func leftOriginals(limit: Int) async throws -> [ID<ImageRecord>] {
        try await database.query(
            "SELECT id FROM image WHERE deleted_at IS NOT NULL AND keeps_original = 1 LIMIT \(limit)"
        ).map { try $0.get("id") }
    }

    /// Notes that the file as sent of a deleted picture is gone.
    func forgetOriginal(of id: ID<ImageRecord>) async throws {
        try await database.execute("UPDATE image SET keeps_original = 0 WHERE id = \(id) AND deleted_at IS NOT NULL")
    }

    /// Notes that all files of deleted pictures are gone.
    func forgetFiles(of ids: [ID<ImageRecord>]) async throws {
        guard !ids.isEmpty else { return }
        try await database.transaction { transaction in
            try transaction.execute("DELETE FROM image_variant WHERE image_id IN (\(list: ids))")
            try transaction.execute(
                """
                UPDATE image SET keeps_original = 0
                WHERE id IN (\(list: ids)) AND deleted_at IS NOT NULL AND keeps_original = 1
                """
            )
        }
    }

    /// Forgets a size whose file is gone.
    func forget(_ name: String, of id: ID<ImageRecord>) async throws {
        try await database.execute("DELETE FROM image_variant WHERE image_id = \(id) AND name = \(name)")
    }
}

/// What is known of a picture when it is accepted.
struct NewImage: Sendable {
    let id: ID<ImageRecord>
    let jobID: ID<Job>
    let owner: String
    let organization: String
    let bucket: Bucket
    let contentHash: String
    let mimeType: String
    let sizeBytes: Int
    /// Whether the file as sent stays.
    var keepsOriginal = false
    let metadata: JSON
}
