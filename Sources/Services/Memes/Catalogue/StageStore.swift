import Database
import Kernel

/// A step of the pipeline. Each is a job of its own and may run again at any time.
package enum MemeStage: String, Sendable, CaseIterable, Codable, SQLBindable, SQLDecodable {
    /// The words on the picture.
    case read
    /// What a vision model says of it.
    case describe
    /// Vectors of its words.
    case embed
}

/// What became of a stage, for some bytes and one version of the stage.
package struct StageResult: Sendable, Equatable {
    /// How it ended.
    package enum State: String, Sendable, SQLBindable, SQLDecodable {
        case done, skipped, failed
    }

    package let stage: MemeStage
    /// Names everything that the result depends on; another version runs anew.
    package let version: String
    package let state: State
    /// Why, where it is not done; for people.
    package var detail = ""
    /// What it found out, where that is worth keeping for equal bytes.
    package var result: JSON?
}

extension StageResult {
    /// Of a stage that nobody wanted to run.
    static func leftOut(_ stage: MemeStage, _ version: String) -> StageResult {
        let detail = "The pull that brought the meme left this stage out."
        return StageResult(stage: stage, version: version, state: .skipped, detail: detail)
    }
}

/// The queries about stages.
struct StageStore: Sendable {
    let database: any Database

    /// What a version of a stage found out about these bytes, if it is done.
    func done(_ stage: MemeStage, version: String, hash: String) async throws -> StageResult? {
        try await database.lookup(
            """
            SELECT stage, version, state, detail, result FROM meme_stage
            WHERE content_hash = \(hash) AND stage = \(stage) AND version = \(version) AND state = 'done'
            """
        ).map(Self.result)
    }

    /// What became of each stage, the latest version of each.
    func all(hash: String) async throws -> [StageResult] {
        let results = try await database.query(
            """
            SELECT stage, version, state, detail, result FROM meme_stage
            WHERE content_hash = \(hash) ORDER BY updated_at
            """
        ).map(Self.result)
        let latest = Dictionary(results.map { ($0.stage, $0) }, uniquingKeysWith: { $1 })
        return MemeStage.allCases.compactMap { latest[$0] }
    }

    func put(_ result: StageResult, hash: String, at now: Timestamp, in transaction: any Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO meme_stage (content_hash, stage, version, state, detail, result, updated_at)
            VALUES (\(hash), \(result.stage), \(result.version), \(result.state), \(result.detail), \(result.result),
                \(now))
            ON CONFLICT (content_hash, stage, version) DO UPDATE SET state = excluded.state, detail = excluded.detail,
                result = excluded.result, updated_at = excluded.updated_at
            """
        )
    }

    /// Whether a stage of these bytes was given up and has not succeeded since.
    func hasFailed(hash: String, in transaction: any Transaction) throws -> Bool {
        let rows = try transaction.query(
            "SELECT stage, state FROM meme_stage WHERE content_hash = \(hash) ORDER BY updated_at"
        )
        var latest: [MemeStage: StageResult.State] = [:]
        for row in rows { latest[try row.get("stage")] = try row.get("state") }
        return latest.values.contains(.failed)
    }

    private static func result(_ row: Row) throws -> StageResult {
        StageResult(
            stage: try row.get("stage"),
            version: try row.get("version"),
            state: try row.get("state"),
            detail: try row.get("detail"),
            result: try row.get("result"),
        )
    }
}
