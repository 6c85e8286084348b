import Accounts
import Database
import HTTPServer
import Imaging
import Jobs
import Kernel
import ObjectStore
import Telemetry

/// Accepts a picture: checks it, keeps the file, and promises the work in one transaction.
struct UploadImage: Sendable {
    struct Request: Sendable {
        let principal: Principal
        let bucket: String
        /// The form's `metadata` text, if any.
        let metadata: String?
        let file: UploadedFile
        let idempotencyKey: String?
        /// Whether a file whose end is missing will do.
        let isLenient: Bool
    }

    struct Accepted: Sendable {
        let image: ID<ImageRecord>
        let jobID: ID<Job>
        let quota: UploadQuota.Standing
        /// What was odd but no reason to refuse.
        let warnings: [String]
        /// The same request came before, and this is its answer.
        let isReplay: Bool
    }

    let access: ImageAccess
    let objects: any ObjectStore
    let pool: WorkPool
    let quota: UploadQuota
    let settings: ImagesSettings
    let store: ImageStore
    let jobs: JobQueue
    let time: any TimeSource

    private var database: any Database { store.database }

    /// - Throws: ``ImagesError`` for what the sender can mend, ``Imaging/ImagingError`` for a bad picture, else what
    ///   the store or the database threw; in every case nothing is left behind and no quota is used.
    func callAsFunction(_ request: Request) async throws -> Accepted {
        let bucket = try Bucket(request.bucket, strict: settings.strictBuckets)
        try await access.requireUpload(to: bucket, by: request.principal)
        var (clientMetadata, warnings) = parseMetadata(request.metadata)
        let facts = try await inspect(request.file, isLenient: request.isLenient)
        if facts.isTruncated { warnings.append("the file ends before the picture does; what is missing stays empty") }
        let image = newImage(request, bucket: bucket, facts: facts, clientMetadata: clientMetadata)
        let fingerprint = fingerprint(of: request, facts.hash, bucket, clientMetadata)

        if let accepted = try await replay(request, fingerprint: fingerprint) { return accepted }
        let source = StagedSource.key(of: image.id)
        try await keep(request.file, at: source)
        do {
            let state = try await accept(image, request: request, fingerprint: fingerprint)
            return Accepted(
                image: image.id,
                jobID: image.jobID,
                quota: state,
                warnings: warnings,
                isReplay: false,
            )
        } catch {
            // If the picture is there after all, it needs its file; if not, the sweeper finds it.
            if case .unknownOutcome? = error as? DatabaseError { throw error }
            _ = try? await objects.delete(source)
            // Two requests with one key at the same time: the second finds the first's answer.
            if let accepted = try? await replay(request, fingerprint: fingerprint) { return accepted }
            throw error
        }
    }

    private struct FileFacts: Sendable {
        let hash: String
        let mimeType: String
        let sizeBytes: Int
        let isTruncated: Bool
    }

    /// What makes two requests the same for an `Idempotency-Key`.
    private func fingerprint(of request: Request, _ hash: String, _ bucket: Bucket, _ metadata: JSON) -> String {
        let words = [hash, bucket.description, metadata.text] + (request.isLenient ? ["lenient"] : [])
        return Digest.sha256(Array(words.joined(separator: "\n").utf8)).hexadecimal
    }

    /// Reads the file once, off the event loop: its type by its first bytes, its limits by its header, its hash.
    private func inspect(_ file: UploadedFile, isLenient: Bool) async throws -> FileFacts {
        guard file.size <= settings.maxUploadBytes else {
            throw ImagesError.fileTooLarge(limitBytes: settings.maxUploadBytes)
        }
        guard file.size > 0 else { throw ImagesError.badField(name: "file", reason: "The file is empty.") }
        let settings = settings
        return try await pool.run {
            let bytes = try file.bytes()
            let picture = try checkPicture(bytes, isLenient: isLenient, settings)
            return FileFacts(
                hash: Digest.sha256(bytes).hexadecimal,
                mimeType: picture.mimeType,
                sizeBytes: bytes.count,
                isTruncated: picture.isTruncated,
            )
        }
    }

    private func newImage(_ request: Request, bucket: Bucket, facts: FileFacts, clientMetadata: JSON) -> NewImage {
        let uploader = request.principal.uploader
        var metadata = clientMetadata.merging([
            "uploader_id": JSON(uploader.owner),
            "org_id": JSON(uploader.organization),
            "original_filename": JSON(request.file.filename),
            "detected_mime_type": JSON(facts.mimeType),
            "content_length": JSON(facts.sizeBytes),
            "client_id": "image-api-v1",
            "upload_timestamp": JSON(time.now),
        ])
        if facts.isTruncated { metadata["truncated"] = true }
        return NewImage(
            id: ID(),
            jobID: ID(),
            owner: uploader.owner,
            organization: uploader.organization,
            bucket: bucket,
            contentHash: facts.hash,
            mimeType: facts.mimeType,
            sizeBytes: facts.sizeBytes,
            metadata: metadata,
        )
    }

    private func keep(_ file: UploadedFile, at key: ObjectKey) async throws {
        switch file.storage {
        case .memory(let bytes): try await objects.put(bytes, at: key)
        case .file(let path): try await objects.putFile(path, at: key, moving: true)
        }
    }

    /// Quota, picture, event and job: all of them or none.
    private func accept(_ image: NewImage, request: Request, fingerprint: String) async throws -> UploadQuota.Standing {
        let now = time.now
        let (store, quota, jobs) = (store, quota, jobs)
        let (key, isLenient) = (request.idempotencyKey, request.isLenient)
        let recipe = settings.recipe(isLenient: isLenient)
        return try await database.transaction { transaction in
            let uploader = UploadQuota.Uploader(owner: image.owner, organization: image.organization)
            let state = try quota.take(uploader, at: now, in: transaction)
            try store.insert(image, recipe: recipe, at: now, in: transaction)
            if let key {
                try transaction.execute(
                    """
                    INSERT INTO image_idempotency (owner, idempotency_key, request_hash, image_id, created_at)
                    VALUES (\(image.owner), \(key), \(fingerprint), \(image.id), \(now))
                    """
                )
            }
            try ImageEvent.uploadInitiated.record(
                image: image.id,
                job: image.jobID,
                actor: image.owner,
                detail: ["bucket": JSON(image.bucket.description), "size_bytes": JSON(image.sizeBytes)],
                at: now,
                in: transaction,
            )
            try jobs.enqueue(
                MakeVariants(image: image.id, isLenient: isLenient),
                id: image.jobID,
                in: transaction,
            )
            return state
        }
    }

    /// The answer that an equal request with this key got before.
    ///
    /// - Throws: ``ImagesError/idempotencyKeyReused`` when the key came with another request.
    private func replay(_ request: Request, fingerprint: String) async throws -> Accepted? {
        guard let key = request.idempotencyKey else { return nil }
        let owner = request.principal.subject
        let row = try await database.lookup(
            """
            SELECT image_idempotency.request_hash, image.id, image.job_id FROM image_idempotency
            JOIN image ON image.id = image_idempotency.image_id
            WHERE image_idempotency.owner = \(owner) AND image_idempotency.idempotency_key = \(key)
            """
        )
        guard let row else { return nil }
        let earlier: String = try row.get("request_hash")
        guard earlier == fingerprint else { throw ImagesError.idempotencyKeyReused }
        let state = try await quota.peek(request.principal.uploader, at: time.now, in: database)
        return Accepted(
            image: try row.get("id"),
            jobID: try row.get("job_id"),
            quota: state,
            warnings: [],
            isReplay: true,
        )
    }
}

extension Principal {
    /// Who an upload counts for.
    var uploader: UploadQuota.Uploader {
        UploadQuota.Uploader(owner: subject, organization: organization ?? "default-org")
    }
}

/// The client's `metadata`: a JSON object of at most 16 KiB. Anything else counts as none, as clients of the original
/// expect, but the answer says so.
private func parseMetadata(_ text: String?) -> (JSON, warnings: [String]) {
    guard let text, !text.isEmpty else { return ([:], []) }
    guard text.utf8.count <= 16_384, let json = try? JSON(parsing: Array(text.utf8)), case .object = json else {
        return ([:], ["metadata is not a JSON object of at most 16 KiB and was ignored"])
    }
    return (json, [])
}
