import Database
import Kernel

/// The queries about what was said of memes.
struct MemeTextStore: Sendable {
    let database: any Database

    func all(of id: ID<Meme>) async throws -> [MemeText] {
        try await database.query(
            "SELECT field, provenance, value, confidence FROM meme_text WHERE meme_id = \(id)"
        ).map(MemeText.init(row:))
    }

    /// What counts for each of `ids`.
    func texts(of ids: [ID<Meme>]) async throws -> [ID<Meme>: MemeTexts] {
        guard !ids.isEmpty else { return [:] }
        let rows = try await database.query(
            "SELECT meme_id, field, provenance, value, confidence FROM meme_text WHERE meme_id IN (\(list: ids))"
        )
        var all: [ID<Meme>: [MemeText]] = [:]
        for row in rows { all[try row.get("meme_id"), default: []].append(try MemeText(row: row)) }
        return all.mapValues(MemeTexts.init)
    }

    /// Everything that was said of each of `ids`, whether it counts or not, in the order of fields and of who said it.
    func said(of ids: [ID<Meme>]) async throws -> [ID<Meme>: [MemeText]] {
        guard !ids.isEmpty else { return [:] }
        let rows = try await database.query(
            """
            SELECT meme_id, field, provenance, value, confidence FROM meme_text WHERE meme_id IN (\(list: ids))
            ORDER BY field, provenance
            """
        )
        var all: [ID<Meme>: [MemeText]] = [:]
        for row in rows { all[try row.get("meme_id"), default: []].append(try MemeText(row: row)) }
        return all
    }

    /// Those of `given` about whose field the same provenance has said nothing yet.
    func missing(_ given: [MemeText], of id: ID<Meme>, in transaction: any Transaction) throws -> [MemeText] {
        guard !given.isEmpty else { return [] }
        let known = try transaction.query(
            "SELECT field, provenance, value, confidence FROM meme_text WHERE meme_id = \(id)"
        ).map(MemeText.init(row:))
        return given.filter { text in
            !known.contains { $0.field == text.field && $0.provenance == text.provenance }
                && (!text.values.isEmpty || text.provenance == .human)
        }
    }

    /// What a provenance said of the field.
    func values(
        of field: MemeField,
        by provenance: Provenance,
        of id: ID<Meme>,
        in transaction: any Transaction,
    ) throws -> [String] {
        let row = try transaction.first(
            """
            SELECT field, provenance, value, confidence FROM meme_text
            WHERE meme_id = \(id) AND field = \(field) AND provenance = \(provenance)
            """
        )
        return try row.map { try MemeText(row: $0).values } ?? []
    }

    /// Replaces what the same provenance said of the field. An empty value of a person stays, and hides what others
    /// said; an empty value of anyone else is none.
    func put(_ text: MemeText, of id: ID<Meme>, at now: Timestamp, in transaction: any Transaction) throws {
        guard !text.values.isEmpty || text.provenance == .human else {
            return try remove(text.field, by: text.provenance, of: id, in: transaction)
        }
        try transaction.execute(
            """
            INSERT INTO meme_text (meme_id, field, provenance, value, confidence, updated_at)
            VALUES (\(id), \(text.field), \(text.provenance), \(text.stored), \(text.confidence), \(now))
            ON CONFLICT (meme_id, field, provenance) DO UPDATE SET
                value = excluded.value, confidence = excluded.confidence, updated_at = excluded.updated_at
            """
        )
    }

    func remove(
        _ field: MemeField,
        by provenance: Provenance,
        of id: ID<Meme>,
        in transaction: any Transaction,
    ) throws {
        try transaction.execute(
            "DELETE FROM meme_text WHERE meme_id = \(id) AND field = \(field) AND provenance = \(provenance)"
        )
    }
}
