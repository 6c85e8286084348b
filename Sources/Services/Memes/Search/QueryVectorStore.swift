import Database
import Kernel

/// The queries about vectors of what people looked for. Texts are kept as digests: nobody reads here what was typed.
struct QueryVectorStore: Sendable {
    let database: any Database

    /// Rows that are kept, those used last.
    static let limit = 10_000

    static let migrations = [
        Migration(1, "vectors of queries", module: "query vectors") { _ in
            [
                """
                CREATE TABLE meme_query_vector (
                    space TEXT NOT NULL,
                    digest BYTEA NOT NULL,
                    vector BYTEA NOT NULL,
                    used_at BIGINT NOT NULL,
                    PRIMARY KEY (space, digest)
                )
                """,
                "CREATE INDEX meme_query_vector_by_use ON meme_query_vector (used_at)",
            ]
        }
    ]

    /// The known vectors of a space, by text.
    func find(_ texts: [String], in space: String) async throws -> [String: [Float]] {
        let texts = Dictionary(texts.map { (digest(of: $0), $0) }) { first, _ in first }
        let rows = try await database.query(
            """
            SELECT digest, vector FROM meme_query_vector WHERE space = \(space) AND digest IN (\(list: Array(texts.keys)))
            """
        )
        var found: [String: [Float]] = [:]
        for row in rows {
            if let text = texts[try row.get("digest")] { found[text] = floats(try row.get("vector")) }
        }
        return found
    }

    /// Keeps vectors that were made or used; those used longest ago make room.
    func keep(_ vectors: [String: [Float]], in space: String, at now: Timestamp, limit: Int = limit) async throws {
        try await database.transaction { transaction in
            // In one order everywhere, so that two processes never wait for each other's rows.
            for (digest, vector) in vectors.map({ (digest(of: $0), $1) }).sorted(by: {
                $0.0.lexicographicallyPrecedes($1.0)
            }) {
                try transaction.execute(
                    """
                    INSERT INTO meme_query_vector (space, digest, vector, used_at)
                    VALUES (\(space), \(digest), \(bytes(of: vector)), \(now))
                    ON CONFLICT (space, digest) DO UPDATE SET used_at = excluded.used_at
                    """
                )
            }
            try transaction.execute(
                """
                DELETE FROM meme_query_vector WHERE used_at <
                    (SELECT used_at FROM meme_query_vector ORDER BY used_at DESC LIMIT 1 OFFSET \(limit - 1))
                """
            )
        }
    }
}

private func digest(of text: String) -> [UInt8] { Digest.sha256(Array(text.utf8)) }
