import Database
import FoundationEssentials
import Kernel
import Telemetry
import TestSupport

@testable import Images

/// A small installation of the original: its tables as it made them, its files where it put them.
final class Original: Sendable {
    let database: SQLiteDatabase
    let storage: String
    private let folder: TemporaryFolder
    private let hasOwner: Bool

    /// `hasOwner` is whether it is new enough to know whose a picture is.
    init(hasOwner: Bool) async throws {
        folder = try TemporaryFolder()
        storage = "\(folder.path)/storage"
        self.hasOwner = hasOwner
        database = try SQLiteDatabase.open(path: "\(folder.path)/processor.db", metrics: Metrics(), log: .silent)
        let owner: SQL = hasOwner ? ", user_id TEXT, organization_id TEXT" : ""
        _ = try await database.execute(
            """
            CREATE TABLE processing_jobs (
                job_id TEXT PRIMARY KEY, image_id TEXT NOT NULL,
                status TEXT NOT NULL CHECK (status IN ('pending', 'processing', 'completed', 'failed', 'retrying')),
                storage_bucket TEXT NOT NULL, staging_path TEXT NOT NULL, processed_paths JSON,
                processing_metadata JSON, attempt_count INTEGER DEFAULT 0, max_retries INTEGER DEFAULT 3,
                last_error TEXT, created_at TEXT DEFAULT CURRENT_TIMESTAMP, started_at TEXT, completed_at TEXT \(owner)
            )
            """
        )
    }

    /// A picture as the original stored it.
    func webP() async throws -> [UInt8] {
        let house = try await House()
        let id = try await house.process(PNG.plain().bytes).id("image_id")
        return try await house.get("/api/v1/images/\(id)/direct").body
    }

    /// Adds a completed picture; a file that is `nil` is listed and not there.
    ///
    /// - Returns: Its image id.
    func add(_ bucket: String, files: [String: [UInt8]?]) async throws -> String {
        let id = ID<Original>().description
        var paths: [(key: String, value: JSON)] = []
        for (name, bytes) in files {
            let path = "processed/\(name)/\(id)_\(name).webp"
            paths.append((name, .string(path)))
            guard let bytes else { continue }
            let file = "\(storage)/\(bucket)/\(path)"
            let parent = file.split(separator: "/").dropLast().map { "/\($0)" }.joined()
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
            try Data(bytes).write(to: URL(filePath: file))
        }
        let metadata: JSON = ["context": "holidays", "uploader_id": "alice", "dominant_color": "#c81e1e"]
        let owner: SQL = hasOwner ? ", user_id, organization_id" : ""
        let owners: SQL = hasOwner ? ", 'alice', 'acme'" : ""
        _ = try await database.execute(
            """
            INSERT INTO processing_jobs (job_id, image_id, status, storage_bucket, staging_path, processed_paths,
                processing_metadata, attempt_count, created_at, completed_at \(owner))
            VALUES (\(job(of: id)), \(id), 'completed', \(bucket), '', \(JSON.object(paths)), \(metadata), 1,
                '2025-11-12 10:00:00', '2025-11-12T10:00:03.123' \(owners))
            """
        )
        return id
    }

    func job(of image: String) -> String { "11111111" + image.dropFirst(8) }
}
