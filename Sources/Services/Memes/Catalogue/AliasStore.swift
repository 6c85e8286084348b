import Database
import Kernel

/// The source of bytes that somebody has sent: a meme that came so, too, does not go with its file elsewhere.
func ownSource(of bytes: [UInt8], by way: String) -> String {
    "\(way):\(Digest.sha256(bytes).hexadecimal.prefix(16))"
}

/// Where memes came from.
struct AliasStore: Sendable {
    let database: any Database

    func sources(of id: ID<Meme>) async throws -> [String] {
        try await database.query("SELECT source FROM meme_alias WHERE meme_id = \(id) ORDER BY source")
            .map { try $0.get("source") }
    }

    /// Where a meme came from.
    struct Alias: Sendable {
        let source: String
        let meme: ID<Meme>
    }

    /// Sources that begin with `folder`, in their order.
    func page(below folder: String, after last: String?, limit: Int) async throws -> [Alias] {
        let later: SQL = last.map { "AND source > \($0)" } ?? ""
        let pattern = folder.replacing("!", with: "!!").replacing("%", with: "!%").replacing("_", with: "!_") + "%"
        // LIKE takes small for large letters in SQLite, so some that are found here are of other folders.
        return try await database.query(
            """
            SELECT source, meme_id FROM meme_alias WHERE source LIKE \(pattern) ESCAPE '!' \(later)
            ORDER BY source LIMIT \(limit)
            """
        ).map { Alias(source: try $0.get("source"), meme: try $0.get("meme_id")) }
    }

    /// Whether anything is known of where the meme came from.
    func hasSource(_ id: ID<Meme>, in transaction: any Transaction) throws -> Bool {
        try transaction.first("SELECT source FROM meme_alias WHERE meme_id = \(id) LIMIT 1") != nil
    }

    /// - Returns: Whether the source held the meme until now.
    func remove(_ alias: Alias, in transaction: any Transaction) throws -> Bool {
        try transaction.execute(
            "DELETE FROM meme_alias WHERE source = \(alias.source) AND meme_id = \(alias.meme)"
        ) == 1
    }

    /// Notes that the source holds the meme's bytes now.
    func put(_ source: String, of id: ID<Meme>, at now: Timestamp, in transaction: any Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO meme_alias (source, meme_id, created_at) VALUES (\(source), \(id), \(now))
            ON CONFLICT (source) DO UPDATE SET meme_id = excluded.meme_id, created_at = excluded.created_at
            """
        )
    }
}
