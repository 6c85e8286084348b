import Database
import Kernel

/// Where memes came from.
struct AliasStore: Sendable {
    let database: any Database

    func sources(of id: ID<Meme>) async throws -> [String] {
        try await database.query("SELECT source FROM meme_alias WHERE meme_id = \(id) ORDER BY source")
            .map { try $0.get("source") }
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
