import Database
import Kernel

/// Counts and lists for the dashboard and the health routes.
struct ImageStatistics: Sendable {
    struct Performance: Sendable {
        let total: Int
        let completed: Int
        let failed: Int
        /// Mean seconds from the start of a job to its end; `nil` without a completed job.
        let meanSeconds: Double?
        let p50Seconds: Double?
        let p95Seconds: Double?
    }

    struct NearLimit: Sendable {
        /// A user or an organisation.
        let subject: String
        let count: Int
    }

    let database: any Database

    func countByStatus() async throws -> [(status: String, count: Int)] {
        let rows = try await database.query(
            "SELECT status, COUNT(*) AS pictures FROM image WHERE deleted_at IS NULL GROUP BY status ORDER BY status"
        )
        return try rows.map { (try $0.get("status"), try $0.get("pictures")) }
    }

    func performance(since: Timestamp) async throws -> Performance {
        let rows = try await database.query(
            """
            SELECT status, completed_at - started_at AS duration FROM image
            WHERE created_at >= \(since) AND deleted_at IS NULL LIMIT 100000
            """
        )
        var durations: [Double] = []
        var failed = 0
        for row in rows {
            let status: String = try row.get("status")
            if status == "failed" { failed += 1 }
            guard status == "completed", let duration: Int64 = try row.get("duration") else { continue }
            durations.append(Double(duration) / 1000)
        }
        durations.sort()
        func quantile(_ share: Double) -> Double? {
            durations.isEmpty ? nil : durations[min(durations.count - 1, Int(share * Double(durations.count)))]
        }
        return Performance(
            total: rows.count,
            completed: durations.count,
            failed: failed,
            meanSeconds: durations.isEmpty ? nil : durations.reduce(0, +) / Double(durations.count),
            p50Seconds: quantile(0.5),
            p95Seconds: quantile(0.95),
        )
    }

    func failures(limit: Int) async throws -> [ImageRecord] {
        try await database.query(
            """
            SELECT \(ImageRecord.columns) FROM image WHERE status = 'failed' AND deleted_at IS NULL
            ORDER BY completed_at DESC LIMIT \(limit)
            """
        ).map(ImageRecord.init(row:))
    }

    func failureCount(since: Timestamp?) async throws -> Int {
        let after: SQL = since.map { "AND completed_at >= \($0)" } ?? ""
        return try await count(
            "SELECT COUNT(*) AS n FROM image WHERE status = 'failed' AND deleted_at IS NULL \(after)"
        )
    }

    /// Uploads accepted per minute in the last hour, oldest first, for the sparkline.
    func uploadsPerMinute(now: Timestamp) async throws -> [Int] {
        let start = now.milliseconds / 60_000 * 60_000 - 59 * 60_000
        let rows = try await database.query(
            """
            SELECT (created_at - \(start)) / 60000 AS minute, COUNT(*) AS n FROM image
            WHERE created_at >= \(start) GROUP BY minute
            """
        )
        var minutes = Array(repeating: 0, count: 60)
        for row in rows {
            let minute: Int = try row.get("minute")
            if minutes.indices.contains(minute) { minutes[minute] = try row.get("n") }
        }
        return minutes
    }

    /// Who has used at least 80 % of their uploads in the window that runs, at most ten.
    func nearLimit(_ scope: UploadQuota.Scope, _ limit: Int, in window: Range<Timestamp>) async throws -> [NearLimit] {
        try await database.query(
            """
            SELECT subject, CAST(SUM(uploads) AS BIGINT) AS used FROM image_upload_slice
            WHERE scope = \(scope.rawValue) AND slice_start >= \(window.lowerBound) AND slice_start < \(window.upperBound)
            GROUP BY subject HAVING SUM(uploads) * 10 >= \(limit * 8)
            ORDER BY used DESC, subject LIMIT 10
            """
        ).map { NearLimit(subject: try $0.get("subject"), count: try $0.get("used")) }
    }

    /// Users with uploads in the window that runs.
    func activeUsers(in window: Range<Timestamp>) async throws -> Int {
        try await count(
            """
            SELECT COUNT(DISTINCT subject) AS n FROM image_upload_slice
            WHERE scope = 'user' AND slice_start >= \(window.lowerBound) AND slice_start < \(window.upperBound)
            """
        )
    }

    /// Rows of the three tables that the original's dashboard counts.
    func tableCounts() async throws -> [(name: String, rows: Int)] {
        [
            ("processing_jobs", try await count("SELECT COUNT(*) AS n FROM image")),
            ("image_upload_events", try await count("SELECT COUNT(*) AS n FROM image_event")),
            ("upload_rate_limits", try await count("SELECT COUNT(*) AS n FROM image_upload_slice")),
        ]
    }

    func storedFiles() async throws -> (files: Int, bytes: Int64) {
        let row = try await database.query(
            "SELECT COUNT(*) AS n, COALESCE(SUM(size_bytes), 0) AS bytes FROM image_variant"
        ).first
        return (try row?.get("n") ?? 0, try row?.get("bytes") ?? 0)
    }

    func lastActivity() async throws -> (job: Timestamp?, event: Timestamp?) {
        let job = try await database.query("SELECT MAX(created_at) AS latest FROM image").first
        let event = try await database.query("SELECT MAX(created_at) AS latest FROM image_event").first
        return (try job?.get("latest") ?? nil, try event?.get("latest") ?? nil)
    }

    private func count(_ sql: SQL) async throws -> Int {
        try await database.query(sql).first?.get("n") ?? 0
    }
}
