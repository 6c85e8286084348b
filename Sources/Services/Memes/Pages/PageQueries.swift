import Database
import Kernel
import OCR

// What only pages ask.
extension MemeStore {
    private var isWordless: SQL {
        """
        meme.status <> 'partial' AND NOT EXISTS (
            SELECT 1 FROM meme_text WHERE meme_text.meme_id = meme.id AND meme_text.field <> 'filename'
                AND meme_text.value NOT IN ('', '[]')
        )
        """
    }

    /// How many memes nothing but their file's name can find; those that are still being read do not count.
    func countWordless() async throws -> Int {
        try await database.first("SELECT COUNT(*) AS n FROM meme WHERE \(isWordless)")?.get("n") ?? 0
    }

    /// Memes that nothing but their file's name can find, the newest first; pass the last one seen to get the next page.
    func wordless(before last: Meme?, limit: Int) async throws -> [Meme] {
        let older: SQL = last.map { "AND (created_at, id) < (\($0.createdAt), \($0.id))" } ?? ""
        return try await database.query(
            """
            SELECT \(Meme.columns) FROM meme WHERE \(isWordless) \(older)
            ORDER BY created_at DESC, id DESC LIMIT \(limit)
            """
        ).map(Meme.init(row:))
    }

    /// The meme that came in next after this one, or last before it.
    func neighbour(of meme: Meme, isNewer: Bool) async throws -> ID<Meme>? {
        let sql: SQL =
            isNewer
            ? "SELECT id FROM meme WHERE number > \(Int64(meme.number)) ORDER BY number LIMIT 1"
            : "SELECT id FROM meme WHERE number < \(Int64(meme.number)) ORDER BY number DESC LIMIT 1"
        return try await database.first(sql)?.get("id")
    }

    /// Whether memes have vectors that searches use.
    func hasVectors() async throws -> Bool {
        try await database.first("SELECT name FROM meme_space WHERE state = 'active' LIMIT 1") != nil
    }
}

extension StageStore {
    /// What was read on pictures with these contents, the latest reading of each.
    func readings(of hashes: [String]) async throws -> [String: Recognition] {
        guard !hashes.isEmpty else { return [:] }
        let rows = try await database.query(
            """
            SELECT content_hash, result FROM meme_stage
            WHERE stage = 'read' AND state = 'done' AND content_hash IN (\(list: hashes)) ORDER BY updated_at
            """
        )
        var found: [String: Recognition] = [:]
        for row in rows {
            if let reading = Recognition(json: try row.get("result")) { found[try row.get("content_hash")] = reading }
        }
        return found
    }
}
