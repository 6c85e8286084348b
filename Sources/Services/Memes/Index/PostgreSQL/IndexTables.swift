import Database
import Kernel

/// The tables of `search.index: postgres`. They hold nothing that the rows of memes do not tell, so they are no part of
/// the schema that every process must know: another layout is built anew.
struct IndexTables: Sendable {
    let database: any Database

    private static let layout: Int64 = 1

    /// Makes sure that PostgreSQL can hold the tables.
    ///
    /// - Throws: ``MemesError/noVectorExtension(_:)`` where it cannot.
    func requireVectors() async throws {
        guard database.dialect == .postgresql else { throw MemesError.noVectorExtension("the database is SQLite") }
        let row = try await database.first(
            "SELECT default_version AS version FROM pg_available_extensions WHERE name = 'vector'"
        )
        guard let version: String = try row?.get("version") else {
            throw MemesError.noVectorExtension("the server has no extension named vector")
        }
        let parts = version.split(separator: ".").compactMap { Int($0) }
        guard parts.count >= 2, (parts[0], parts[1]) >= (0, 8) else {
            throw MemesError.noVectorExtension("the server's extension vector is \(version)")
        }
    }

    /// Makes the tables where there are none, or others.
    func prepare() async throws {
        try await requireVectors()
        try await database.transaction { transaction in
            // Two processes may come at the same time.
            try transaction.execute("SELECT pg_advisory_xact_lock(hashtext('pictor meme index'))")
            let known = try transaction.first("SELECT to_regclass('meme_index_state') IS NOT NULL AS known")
            if try known?.get("known", as: Bool.self) == true {
                let row = try transaction.first("SELECT change FROM meme_index_state WHERE name = 'layout'")
                if try row?.get("change", as: Int64.self) == Self.layout { return }
                try drop(in: transaction)
            }
            for statement in Self.statements { try transaction.execute(statement) }
        }
    }

    /// The tables of vectors first, whose names the state tells.
    private func drop(in transaction: any Transaction) throws {
        let spaces = try transaction.query("SELECT name FROM meme_index_state WHERE starts_with(name, 'space ')")
        for row in spaces {
            let space = try row.get("name", as: String.self).dropFirst("space ".count)
            try PointTable.drop(String(space), in: transaction)
        }
        try transaction.execute("DROP TABLE IF EXISTS meme_document")
        try transaction.execute("DROP TABLE meme_index_state")
    }

    private static let statements: [SQL] = [
        "CREATE EXTENSION IF NOT EXISTS vector",
        """
        CREATE TABLE meme_document (
            number BIGINT PRIMARY KEY REFERENCES meme (number) ON DELETE CASCADE,
            terms TSVECTOR NOT NULL,
            labels TEXT[] NOT NULL,
            folded TEXT NOT NULL,
            ratio DOUBLE PRECISION NOT NULL,
            picture BIT(64),
            word_length BIGINT NOT NULL,
            trigram_length BIGINT NOT NULL
        )
        """,
        // Without a list of pending entries, which every search would have to read.
        "CREATE INDEX meme_document_by_terms ON meme_document USING gin (terms) WITH (fastupdate = off)",
        "CREATE INDEX meme_document_by_picture ON meme_document USING hnsw (picture bit_hamming_ops)",
        // The most frequent terms with their frequencies, which ranking asks for.
        "ALTER TABLE meme_document ALTER COLUMN terms SET STATISTICS 1000",
        // How far the documents and the vectors of each space are, by the change of memes.
        "CREATE TABLE meme_index_state (name TEXT PRIMARY KEY, change BIGINT NOT NULL)",
        "INSERT INTO meme_index_state (name, change) VALUES ('documents', 0), ('layout', \(layout))",
    ]
}
