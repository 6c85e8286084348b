import Accounts
import Database
import HTTPServer
import Imaging
import Jobs
import Kernel
import ObjectStore
import SharedState
import Telemetry

/// What the routes ask for: the images service without HTTP.
///
/// A class: routes, jobs and other services hold it, and as a value it would be copied, with all it stands on, for every
/// request.
final class ImagesService: Sendable {
    let access: ImageAccess
    let changes: ChangeFeed<Job>
    let deletions = PictureDeletions()
    let files: ImageObjects
    let jobs: JobQueue
    let metrics: ImagesMetrics
    let objects: any ObjectStore
    let pool: WorkPool
    let quota: UploadQuota
    let settings: ImagesSettings
    let spoolFolder: String
    let store: ImageStore
    let time: any TimeSource
    let upload: UploadImage
    let wire: ImageWire
    /// Throws when the disk has no room for another picture.
    let requireRoom: @Sendable () async throws -> Void

    init(
        access: ImageAccess,
        changes: ChangeFeed<Job>,
        files: ImageObjects,
        jobs: JobQueue,
        metrics: ImagesMetrics,
        objects: any ObjectStore,
        pool: WorkPool,
        quota: UploadQuota,
        settings: ImagesSettings,
        spoolFolder: String,
        store: ImageStore,
        time: any TimeSource,
        upload: UploadImage,
        wire: ImageWire,
        requireRoom: @escaping @Sendable () async throws -> Void,
    ) {
        self.access = access
        self.changes = changes
        self.files = files
        self.jobs = jobs
        self.metrics = metrics
        self.objects = objects
        self.pool = pool
        self.quota = quota
        self.settings = settings
        self.spoolFolder = spoolFolder
        self.store = store
        self.time = time
        self.upload = upload
        self.wire = wire
        self.requireRoom = requireRoom
    }

    // MARK: Reading

    /// The picture, when it is there, complete, and the principal may see it.
    func readable(_ id: ID<ImageRecord>, by principal: Principal?) async throws -> ImageRecord {
        guard let image = try await store.find(id), image.status == .completed else { throw ImagesError.imageNotFound }
        try await requireRead(image, by: principal)
        return image
    }

    /// - Throws: 401, 403 or 503, and leaves an event of the second.
    func requireRead(_ image: ImageRecord, by principal: Principal?) async throws {
        try await recordingDenial(of: image, to: principal) { try await access.requireRead(image, by: principal) }
    }

    /// - Throws: 401, 403 or 503, and leaves an event of the second.
    func requireDelete(_ image: ImageRecord, by principal: Principal?) async throws {
        try await recordingDenial(of: image, to: principal) { try await access.requireDelete(image, by: principal) }
    }

    /// The bytes of a stored size. A picture can be deleted and a private one belongs to its readers, so caches ask
    /// again each time; the ETag makes that a 304.
    func serve(_ image: ImageRecord, variant: String, to request: Request) async throws -> Response {
        try await serve(
            variantKey(of: image.id, bucket: image.bucket, name: variant),
            of: image,
            StoredFile(
                contentType: "image/webp",
                etag: "\"\(image.contentHash.prefix(16))-\(variant)-\(image.id.description.suffix(12))\"",
                filename: "\(image.id)_\(variant).webp",
            ),
            to: request,
        )
    }

    /// The bytes of the kept original, under the name `filename`, with the ending of what it became.
    func serveOriginal(_ image: ImageRecord, filename: String, to request: Request) async throws -> Response {
        try await serve(
            image.sourceKey,
            of: image,
            StoredFile(
                contentType: image.mimeType,
                etag: "\"\(image.contentHash.prefix(16))-\(image.id.description.suffix(12))\"",
                filename: ImageFormat.accepted.first { $0.mimeType == image.mimeType }?.fileName(filename) ?? filename,
            ),
            to: request,
        )
    }

    private struct StoredFile {
        let contentType: String
        let etag: String
        let filename: String
    }

    private func serve(
        _ key: ObjectKey,
        of image: ImageRecord,
        _ file: StoredFile,
        to request: Request,
    ) async throws -> Response {
        let cacheControl = image.isPublic ? "public, no-cache" : "private, no-cache"
        // A signed URL is good for GET alone, so the rare HEAD is answered here.
        if objects.localPath(key) == nil, request.method != .head,
            let url = try await objects.presign(key, expires: .seconds(3600))
        {
            return .redirect(to: url, status: 307)
        }
        var response =
            if let path = objects.localPath(key) {
                try Response.file(
                    path: path,
                    request: request,
                    contentType: file.contentType,
                    cacheControl: cacheControl,
                    etag: file.etag,
                    filename: file.filename,
                )
            } else {
                Response.content(
                    try await objects.get(key),
                    request: request,
                    contentType: file.contentType,
                    cacheControl: cacheControl,
                    etag: file.etag,
                    filename: file.filename,
                )
            }
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
    }

    /// Pictures within 10 bits of this one, nearest first, that the principal may see. Looks at the newest 100,000;
    /// a larger library needs the search of the memes service.
    func similar(
        to image: ImageRecord,
        limit: Int,
        principal: Principal?,
    ) async throws
        -> [(image: ImageRecord, distance: Int)]
    {
        guard let hash = image.facts["perceptual_hash"]?.string.flatMap({ UInt64($0, radix: 16) }) else { return [] }
        let near = try await store.perceptualHashes(limit: 100_000)
            .map { (id: $0.id, distance: ($0.hash ^ hash).nonzeroBitCount) }
            .filter { $0.id != image.id && $0.distance <= 10 }
            .sorted { ($0.distance, $0.id) < ($1.distance, $1.id) }
            .prefix(10 * limit)  // some of them are not for this reader
        let images = try await store.completed(near.map(\.id)).map(\.image)
        let byID = Dictionary(uniqueKeysWithValues: images.map { ($0.id, $0) })
        var found: [(image: ImageRecord, distance: Int)] = []
        for hit in near {
            guard found.count < limit else { break }
            guard let image = byID[hit.id], try await access.mayRead(image, principal) else { continue }
            found.append((image, hit.distance))
        }
        return found
    }

    func readForm(_ request: Request) async throws -> MultipartForm {
        do {
            return try await request.multipart(
                MultipartLimits(
                    maxParts: 16,
                    maxFieldBytes: 64 * 1024,
                    maxFileBytes: settings.maxUploadBytes,
                ),
                spoolFolder: spoolFolder,
            )
        } catch let error as HTTPError where error.status == 413 {
            throw ImagesError.fileTooLarge(limitBytes: settings.maxUploadBytes)
        }
    }

    // MARK: Following a job

    /// The picture when its job has ended, or as it is after `timeout`.
    func waitForEnd(of image: ImageRecord, atMost timeout: Duration) async throws -> ImageRecord {
        let changes = await changes.follow(image.jobID, until: time.now + timeout)
        var latest = try await store.find(image.id)
        if latest?.status.isFinal ?? true { return latest ?? image }
        for await _ in changes {
            latest = try await store.find(image.id)
            if latest?.status.isFinal ?? true { return latest ?? image }
        }
        try Task.checkCancellation()
        return try await store.find(image.id) ?? image
    }

    /// Calls `report` with the state now and after every change, until the job has ended.
    func follow(
        _ image: ImageRecord,
        _ report: (ImageRecord, [StoredVariant]) async throws -> Void,
    ) async throws {
        let changes = await changes.follow(image.jobID)
        guard var current = try await store.find(image.id) else { return }
        var variants = try await store.variants(of: image.id)
        try await report(current, variants)
        if current.status.isFinal { return }
        for await _ in changes {
            guard let latest = try await store.find(image.id) else { break }
            let made = try await store.variants(of: image.id)
            guard latest.status != current.status || latest.attempts != current.attempts || made != variants else {
                continue
            }
            (current, variants) = (latest, made)
            try await report(current, variants)
            if current.status.isFinal { break }
        }
    }

    // MARK: Changing

    /// Deletes the picture, its sizes and its waiting work, and whatever `also` deletes with it.
    ///
    /// - Returns: How many files were removed.
    func delete(
        _ image: ImageRecord,
        actor: String,
        also: @escaping @Sendable (any Transaction) throws -> Void = { _ in },
    ) async throws -> Int {
        let isDeleted = try await store.database.transaction { [self] transaction in
            try markDeleted(image, actor: actor, in: transaction, also: also)
        }
        guard isDeleted else { throw ImagesError.imageNotFound }
        files.removeSourceSoon(image.id)
        changes.publish(image.jobID)
        let originals = image.keepsOriginal ? await files.removeOriginal(of: image.id) : 0
        let sizes = await files.remove(try await files.names(of: image.id), of: image.id, bucket: image.bucket)
        return sizes + originals
    }

    /// Deletes pictures as ``delete(_:actor:also:)`` does, all in one transaction, and their files several at a time; those
    /// that are deleted already stay as they are.
    func deleteAll(_ images: [ImageRecord], actor: String) async throws {
        let deleted = try await store.database.transaction { [self] transaction in
            try images.sorted { $0.jobID < $1.jobID }.filter { try markDeleted($0, actor: actor, in: transaction) }
        }
        for image in deleted { changes.publish(image.jobID) }
        try await files.removeAll(of: deleted)
    }

    /// Whether there was one to delete. `also` runs while others still know of the picture.
    private func markDeleted(
        _ image: ImageRecord,
        actor: String,
        in transaction: any Transaction,
        also: (any Transaction) throws -> Void = { _ in },
    ) throws -> Bool {
        let now = time.now
        try jobs.lock(image.jobID, in: transaction)
        guard try store.delete(image.id, at: now, in: transaction) else { return false }
        try jobs.cancel(image.jobID, in: transaction)
        try ImageEvent.deleted.record(image: image.id, job: image.jobID, actor: actor, at: now, in: transaction)
        try also(transaction)
        try deletions.tell(ID(same: image.id), in: transaction)
        return true
    }

    /// Puts a failed job back into the queue.
    func retry(_ image: ImageRecord, actor: String) async throws -> ImageRecord {
        guard image.status == .failed else { throw ImagesError.jobNotFailed(status: image.status.rawValue) }
        guard (try? await objects.info(image.sourceKey)) != nil else { throw ImagesError.deletedSource }
        try await store.database.transaction { [self] transaction in
            try jobs.lock(image.jobID, in: transaction)
            try putBack(image.id, actor: actor, in: transaction)
            guard try jobs.requeue(image.jobID, in: transaction) else {
                throw ImagesError.jobNotFailed(status: "being retried")  // by another request, a moment ago
            }
        }
        return try await store.find(image.id) ?? image
    }

    /// Notes that a failed picture is in work again; `actor` is `nil` when an operator brought its job back.
    func putBack(_ id: ID<ImageRecord>, actor: String?, in transaction: any Transaction) throws {
        let failed = try transaction.first(
            "SELECT job_id FROM image WHERE id = \(id) AND status = 'failed' AND deleted_at IS NULL"
        )
        guard let job: ID<Job> = try failed?.get("job_id") else { return }
        try store.setStatus(.pending, of: id, error: nil, attempts: 0, completedAt: nil, in: transaction)
        try ImageEvent.retryRequested.record(image: id, job: job, actor: actor, at: time.now, in: transaction)
        transaction.afterCommit { [changes] in changes.publish(job) }
    }

    private func recordingDenial(
        of image: ImageRecord,
        to principal: Principal?,
        _ require: () async throws -> Void,
    ) async throws {
        do {
            try await require()
        } catch let error as ImagesError {
            if let principal { try await recordDenied(image, actor: principal.subject) }
            throw error
        }
    }

    private func recordDenied(_ image: ImageRecord, actor: String) async throws {
        let now = time.now
        try await store.database.transaction { transaction in
            try ImageEvent.accessDenied.record(
                image: image.id,
                job: image.jobID,
                actor: actor,
                at: now,
                in: transaction,
            )
        }
    }
}
