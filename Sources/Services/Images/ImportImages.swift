import Database
import FoundationEssentials
import Imaging
import Jobs
import Kernel
import ObjectStore

/// Takes over the pictures of the original system: its SQLite database and its storage folder, ids kept.
///
/// Safe to run again: what is there already is passed over.
struct ImportImages: Sendable {
    struct Report: Sendable, Equatable {
        var imported = 0
        var present = 0
        /// Image ids with the reason why they were not taken over.
        var skipped: [String: String] = [:]
    }

    let objects: any ObjectStore
    let store: ImageStore
    /// The original's database; only read.
    let source: any Database
    /// The original's storage folder, with a folder for each bucket.
    let storageFolder: String

    /// `progress`: Called after each picture with how many are done and how many there are.
    func callAsFunction(progress: (Int, Int) -> Void) async throws -> Report {
        let columns = try await source.query("SELECT name FROM pragma_table_info('processing_jobs')")
            .map { try $0.get("name") as String }
        guard columns.contains("image_id") else { throw ImportError.notTheOriginal }
        let hasOwner = columns.contains("user_id")
        let owner: SQL = hasOwner ? "user_id, organization_id" : "NULL AS user_id, NULL AS organization_id"
        let rows = try await source.query(
            """
            SELECT job_id, image_id, storage_bucket, processed_paths, processing_metadata, attempt_count,
                created_at, completed_at, \(owner)
            FROM processing_jobs WHERE status = 'completed' ORDER BY created_at
            """
        )
        var report = Report()
        for (index, row) in rows.enumerated() {
            try await take(row, &report)
            progress(index + 1, rows.count)
        }
        return report
    }

    private func take(_ row: Row, _ report: inout Report) async throws {
        let text: String = try row.get("image_id")
        guard let id = ID<ImageRecord>(text) else { return report.skipped[text] = "its id is no UUID" }
        if try await store.isKnown(id) { return report.present += 1 }
        do {
            let variants = try await copyFiles(row, id)
            try await insert(row, id, variants)
            report.imported += 1
        } catch let error as ImportError {
            report.skipped[text] = error.message
        }
    }

    private func copyFiles(_ row: Row, _ id: ID<ImageRecord>) async throws -> [StoredVariant] {
        let bucket = try bucket(of: row)
        let paths: String? = try row.get("processed_paths")
        guard let paths, case .object(let files) = try? JSON(parsing: Array(paths.utf8)), !files.isEmpty else {
            throw ImportError.noFiles
        }
        var variants: [StoredVariant] = []
        for (name, path) in files {
            guard let path = path.string, ObjectKey(path) != nil else { throw ImportError.badPath }
            let file = "\(storageFolder)/\(bucket.path)/\(path)"
            guard let data = FileManager.default.contents(atPath: file) else { throw ImportError.missingFile(name) }
            let bytes = Array(data)
            guard let header = try? ImageHeader.read(bytes) else { throw ImportError.noPicture(name) }
            try await objects.put(bytes, at: variantKey(of: id, bucket: bucket.description, name: name))
            variants.append(
                StoredVariant(name: name, width: header.size.width, height: header.size.height, sizeBytes: bytes.count)
            )
        }
        return variants
    }

    private func bucket(of row: Row) throws -> Bucket {
        let text: String? = try row.get("storage_bucket")
        guard let bucket = try? Bucket(text ?? "", strict: false) else { throw ImportError.badBucket }
        return bucket
    }

    private func insert(_ row: Row, _ id: ID<ImageRecord>, _ variants: [StoredVariant]) async throws {
        let metadataText: String? = try row.get("processing_metadata")
        let metadata = metadataText.flatMap { try? JSON(parsing: Array($0.utf8)) } ?? [:]
        let owner: String? = try row.get("user_id")
        let organization: String? = try row.get("organization_id")
        let image = NewImage(
            id: id,
            jobID: ID<Job>(try row.get("job_id") as String) ?? ID(),
            owner: owner ?? metadata["uploader_id"]?.string ?? "unknown",
            organization: organization ?? metadata["org_id"]?.string ?? "default-org",
            bucket: try bucket(of: row),
            contentHash: "",
            mimeType: metadata["detected_mime_type"]?.string ?? "application/octet-stream",
            sizeBytes: Int(metadata["content_length"]?.integer ?? 0),
            metadata: metadata,
        )
        let createdAt = try time(row, "created_at") ?? .now()
        let completedAt = try time(row, "completed_at") ?? createdAt
        let attempts: Int? = try row.get("attempt_count")
        let found = ["dominant_color", "original_dimensions"].compactMap { name in metadata[name].map { (name, $0) } }
        let (store, facts) = (store, JSON.object(found))
        try await store.database.transaction { transaction in
            try store.insert(image, recipe: "imported", at: createdAt, in: transaction)
            try store.start(id, attempt: max(1, attempts ?? 1), at: createdAt, in: transaction)
            for variant in variants { try store.put(variant, of: id, in: transaction) }
            try store.complete(id, facts: facts, perceptualHash: nil, at: completedAt, in: transaction)
            try ImageEvent.completed.record(
                image: id,
                job: image.jobID,
                detail: ["imported": true],
                at: completedAt,
                in: transaction,
            )
        }
    }

    /// The original wrote `2025-11-12 10:00:00` and `2025-11-12T10:00:00.123`, both in UTC.
    private func time(_ row: Row, _ column: String) throws -> Timestamp? {
        let text: String? = try row.get(column)
        guard let text else { return nil }
        let whole = String(text.prefix(19)).split(separator: " ").joined(separator: "T")
        return Timestamp(rfc3339: whole + "Z")
    }
}

/// Why a picture of the original cannot be taken over.
enum ImportError: Failure, Equatable {
    case badBucket, badPath, noFiles, notTheOriginal
    case missingFile(String)
    case noPicture(String)

    var status: Int { 422 }
    var code: String { "import_failed" }
    var message: String {
        switch self {
        case .badBucket: "its bucket is no valid name"
        case .badPath: "a path leaves the storage folder"
        case .noFiles: "it lists no files"
        case .notTheOriginal: "This is no database of the original: the table processing_jobs is missing."
        case .missingFile(let name): "its file for \(name) is missing"
        case .noPicture(let name): "its file for \(name) is no picture"
        }
    }
}
