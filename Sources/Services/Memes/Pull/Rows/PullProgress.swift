import Database
import Jobs
import Kernel

/// How far a pull is, at one moment.
struct PullProgress: Sendable {
    /// Failed objects of one kind.
    struct Trouble: Sendable {
        let state: PullItem.State
        let reason: String
        let count: Int
        let sampleKey: String
        let message: String

        /// `permanent` for what no other try would better, `transient` for what was tried as often as is allowed.
        var category: String { state == .failed ? "permanent" : "transient" }
    }

    let pull: Pull
    /// They add up to ``Pull/listed``.
    let counts: [PullItem.State: Int]
    /// Of those that were skipped, by the reason.
    let skipped: [String: Int]
    /// Of what was stored.
    let bytes: Int
    /// Memes of this pull of which the pipeline is not through.
    let unfinished: Int
    /// For each stage how many memes of this pull ended it in each way.
    let stages: [MemeStage: [String: Int]]
    let troubles: [Trouble]
    /// Objects a second, over the last minute.
    let rate: Double

    /// Whether the memes have been read, and nothing goes on because the provider of a vision model makes all wait.
    let waitsForProvider: Bool

    /// What people are told: a pull whose memes are still being read is not done for them.
    var state: String {
        guard pull.state == .done, unfinished > 0 else { return pull.state.rawValue }
        return waitsForProvider ? "waiting_provider" : "processing"
    }

    /// Whether nothing will change by itself.
    var isFinal: Bool { unfinished == 0 && pull.state != .running && pull.state != .paused }

    /// How long it will take until all that is listed is fetched; `nil` while nothing moves.
    var remaining: Duration? {
        guard pull.state == .running, rate > 0 else { return nil }
        return .milliseconds(Int64(Double(counts[.listed] ?? 0) / rate * 1000))
    }
}

/// Counts what ``PullProgress`` tells.
struct PullProgressReader: Sendable {
    let database: any Database
    let jobs: JobQueue
    let time: any TimeSource

    private static let window = Duration.seconds(60)

    /// - Throws: ``PullError/notFound``.
    func progress(of id: ID<Pull>) async throws -> PullProgress {
        // In one statement: between two of them a page may be added.
        let rows = try await database.query(
            """
            SELECT item.state AS item_state, item.reason AS item_reason, item.n, item.size, pull_job.* FROM pull_job
            LEFT JOIN (
                SELECT state, CASE state WHEN 'skipped' THEN reason END AS reason, COUNT(*) AS n,
                    CAST(SUM(size_bytes) AS BIGINT) AS size
                FROM pull_item WHERE job_id = \(id) GROUP BY 1, 2
            ) item ON pull_job.id = \(id) WHERE pull_job.id = \(id)
            """
        )
        guard let first = rows.first else { throw PullError.notFound }
        var (counts, skipped, bytes): ([PullItem.State: Int], [String: Int], Int) = ([:], [:], 0)
        for row in rows {
            guard let state = try row.get("item_state", as: PullItem.State?.self) else { continue }
            let count: Int = try row.get("n")
            counts[state, default: 0] += count
            if state == .skipped { skipped[try row.get("item_reason", as: String?.self) ?? "", default: 0] += count }
            if state == .done || state == .duplicate { bytes += try row.get("size", as: Int.self) }
        }
        let (pull, unfinished, stages) = (try Pull(row: first), try await unfinished(id), try await stages(id))
        let isRead = stages[.read]?.values.reduce(0, +) ?? 0 >= counts[.done] ?? 0
        return PullProgress(
            pull: pull,
            counts: counts,
            skipped: skipped,
            bytes: bytes,
            unfinished: unfinished,
            stages: stages,
            troubles: try await troubles(id),
            rate: try await rate(of: pull),
            waitsForProvider: pull.state == .done && unfinished > 0 && isRead ? try await isProviderAway() : false,
        )
    }

    /// Whether all that wants a description has been put off.
    private func isProviderAway() async throws -> Bool {
        let queue = MemesModule.describeQueue
        guard try await jobs.jobs(in: .running, queue: queue, limit: 1).isEmpty,
            try await jobs.jobs(in: .ready, queue: queue, limit: 1).isEmpty
        else { return false }
        return try await !jobs.jobs(in: .delayed, queue: queue, limit: 1).isEmpty
    }

    private func unfinished(_ id: ID<Pull>) async throws -> Int {
        try await database.first(
            """
            SELECT COUNT(*) AS n FROM pull_item JOIN meme ON meme.id = pull_item.meme_id
            WHERE pull_item.job_id = \(id) AND pull_item.state = 'done' AND meme.status = 'partial'
            """
        )?.get("n") ?? 0
    }

    private func stages(_ id: ID<Pull>) async throws -> [MemeStage: [String: Int]] {
        let rows = try await database.query(
            """
            SELECT meme_stage.stage, meme_stage.state, COUNT(DISTINCT pull_item.key) AS n FROM pull_item
            JOIN meme_stage ON meme_stage.content_hash = pull_item.content_hash
            WHERE pull_item.job_id = \(id) AND pull_item.state = 'done' GROUP BY meme_stage.stage, meme_stage.state
            """
        )
        var stages: [MemeStage: [String: Int]] = [:]
        for row in rows {
            let state: StageResult.State = try row.get("state")
            stages[try row.get("stage"), default: [:]][state.rawValue] = try row.get("n")
        }
        return stages
    }

    private func troubles(_ id: ID<Pull>) async throws -> [PullProgress.Trouble] {
        try await database.query(
            """
            SELECT state, reason, COUNT(*) AS n, MIN(key) AS sample, MIN(message) AS message FROM pull_item
            WHERE job_id = \(id) AND state IN ('failed', 'dead') GROUP BY state, reason
            ORDER BY n DESC, reason LIMIT 20
            """
        ).map { row in
            PullProgress.Trouble(
                state: try row.get("state"),
                reason: try row.get("reason", as: String?.self) ?? "",
                count: try row.get("n"),
                sampleKey: try row.get("sample"),
                message: try row.get("message", as: String?.self) ?? "",
            )
        }
    }

    private func rate(of pull: Pull) async throws -> Double {
        guard pull.state == .running else { return 0 }
        let start = max(pull.createdAt, time.now - Self.window)
        let count: Int =
            try await database.first(
                """
                SELECT COUNT(*) AS n FROM pull_item
                WHERE job_id = \(pull.id) AND updated_at >= \(start) AND state IN ('done', 'duplicate', 'failed', 'dead')
                """
            )?.get("n") ?? 0
        let seconds = (time.now - start).seconds
        return seconds > 0 ? Double(count) / seconds : 0
    }
}
