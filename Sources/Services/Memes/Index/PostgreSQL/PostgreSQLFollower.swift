import Database
import Kernel
import MemeSearch
import Telemetry
import TextEmbedding

/// Keeps the tables of PostgreSQL's index up with the rows. Every process does; whoever comes first writes, the others see
/// that it is done.
struct PostgreSQLFollower: FollowingIndex {
    let lookup: PostgreSQLLookup
    let memes: MemeStore
    let documents: DocumentReader
    let vectors: VectorStore
    /// The model of this process, for the scale of its space.
    let embedder: MemeEmbedder?
    let log: Log

    private static let page = 500

    func catchUp() async throws {
        let current = try await MemeCounter.current(in: memes.database)
        guard current > lookup.generation else { return }
        if lookup.generation == 0 {
            try await IndexTables(database: memes.database).prepare()
            try await dropRetired()
        }
        try await follow("documents") { changed in
            let documents = try await documents(of: changed)
            return { transaction in
                for document in documents { try put(document, in: transaction) }
            }
        }
        try await followSpace()
        try await lookup.learn(upTo: current)
    }

    /// Brings one table up, page by page; `prepare` makes what is written from memes that have changed.
    private func follow(
        _ name: String,
        _ prepare: ([Meme]) async throws -> @Sendable (any Transaction) throws -> Void,
    ) async throws {
        while true {
            let state = try await memes.database.first("SELECT change FROM meme_index_state WHERE name = \(name)")
            let position: Int64 = try state?.get("change") ?? 0
            let changed = try await memes.changed(after: position, limit: Self.page)
            guard let last = changed.last else { return }
            let write = try await prepare(changed)
            try await memes.database.transaction { transaction in
                let row = try transaction.first("SELECT change FROM meme_index_state WHERE name = \(name) FOR UPDATE")
                // Another process was faster.
                guard try row?.get("change", as: Int64.self) == position else { return }
                try write(transaction)
                try transaction.execute("UPDATE meme_index_state SET change = \(last.change) WHERE name = \(name)")
            }
        }
    }

    private func put(_ document: SearchDocument, in transaction: any Transaction) throws {
        let terms = DocumentTerms(document)
        let picture = document.pictureHash.map { Int64(bitPattern: $0) }
        try transaction.execute(
            """
            INSERT INTO meme_document
                (number, terms, labels, folded, ratio, picture, word_length, trigram_length)
            SELECT number, array_to_tsvector(CAST(\(textArray(terms.terms)) AS text[])),
                CAST(\(textArray(terms.labels)) AS text[]), \(terms.folded), \(Double(terms.ratio)),
                CAST(CAST(\(picture) AS bigint) AS bit(64)), \(terms.wordLength), \(terms.trigramLength)
            FROM meme WHERE number = \(Int64(document.number))
            ON CONFLICT (number) DO UPDATE SET terms = excluded.terms, labels = excluded.labels,
                folded = excluded.folded, ratio = excluded.ratio, picture = excluded.picture,
                word_length = excluded.word_length, trigram_length = excluded.trigram_length
            """
        )
    }

    /// Brings the vectors of the active space up. Another one than before takes over when all of its vectors are there.
    private func followSpace() async throws {
        guard let active = try await vectors.activeSpace() else { return }
        let table = PointTable(database: memes.database, space: active.name, dimensions: active.dimensions)
        let isNew = active.name != lookup.space
        if isNew { try await table.prepare() }
        try await follow(PointTable.state(active.name)) { changed in
            let parts = try await vectors.vectors(of: changed.map(\.id), in: active.name)
            return { transaction in
                for meme in changed { try table.put(parts[meme.id] ?? [], of: meme.number, in: transaction) }
            }
        }
        guard isNew else { return }
        let own = embedder?.embedder.space == active.name ? embedder?.scale : nil
        lookup.use(table, scale: try await cosineScale(of: active.name, own: own))
        log.info("vectors loaded", ["space": active.name])
    }

    private func cosineScale(of space: String, own: CosineScale?) async throws -> CosineScale {
        if let own { return own }
        let some = try await memes.changed(after: 0, limit: Self.page)
        let sample = try await vectors.vectors(of: some.map(\.id), in: space).values.compactMap(\.first)
        return CosineScale(measuredOn: Array(sample.prefix(400)))
    }

    /// Removes the tables of spaces that were left; at the start, when no search of this process asks them.
    private func dropRetired() async throws {
        try await memes.database.transaction { transaction in
            let rows = try transaction.query("SELECT name FROM meme_space WHERE state = 'retired'")
            for row in rows { try PointTable.drop(try row.get("name"), in: transaction) }
        }
    }
}
