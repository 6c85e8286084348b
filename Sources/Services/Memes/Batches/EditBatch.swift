import Database
import Jobs
import Kernel

/// Changes to many memes in one step, which can be taken back.
struct EditBatch: Sendable {
    let jobs: JobQueue
    let memes: MemeStore
    let texts: MemeTextStore
    let time: any TimeSource

    /// Most memes of a batch.
    static let most = 500

    /// Gives files their new names.
    ///
    /// - Returns: What takes it back.
    func rename(_ steps: [RenamePlan.Step]) async throws -> ID<EditBatch> {
        let (memes, now, batch) = (memes, time.now, ID<EditBatch>())
        let before = JSON(steps.map { ["id": JSON($0.id), "from": JSON($0.from), "to": JSON($0.to)] as JSON })
        try await memes.database.transaction { transaction in
            try Self.keep(batch, "rename", before, at: now, in: transaction)
            for step in steps {
                guard let id = ID<Meme>(step.id) else { continue }
                try memes.setFileName(step.to, of: id, in: transaction)
                try memes.touch(id, at: now, in: transaction)
            }
        }
        return batch
    }

    /// Sets fields of memes by a person's word.
    ///
    /// - Returns: What takes it back.
    func label(_ ids: [ID<Meme>], _ changes: [EditMeme.Change]) async throws -> ID<EditBatch> {
        let (jobs, memes, texts, now, batch) = (jobs, memes, texts, time.now, ID<EditBatch>())
        try await memes.database.transaction { transaction in
            var before: [JSON] = []
            for id in ids {
                for change in changes {
                    before.append(try Self.before(change.field, of: id, in: transaction))
                    try Self.set(change, of: id, texts, at: now, in: transaction)
                }
                try jobs.enqueue(EmbedMeme(meme: id), in: transaction)
            }
            try Self.keep(batch, "label", JSON(before), at: now, in: transaction)
            for id in ids { try memes.touch(id, at: now, in: transaction) }
        }
        return batch
    }

    /// Takes a batch back, where nobody has changed the same since.
    ///
    /// - Returns: How many memes were changed back.
    /// - Throws: ``MemesError/batchNotFound``, also when it was taken back before.
    func undo(_ batch: ID<EditBatch>) async throws -> Int {
        let (jobs, memes, texts, now) = (jobs, memes, texts, time.now)
        return try await memes.database.transaction { transaction in
            let row = try transaction.first(
                """
                UPDATE meme_batch SET undone_at = \(now) WHERE id = \(batch) AND undone_at IS NULL
                RETURNING kind, before
                """
            )
            guard let row else { throw MemesError.batchNotFound }
            let (kind, before): (String, JSON) = (try row.get("kind"), try row.get("before"))
            var changed: Set<ID<Meme>> = []
            for step in before.array ?? [] {
                guard let id = step["id"]?.string.flatMap({ ID<Meme>($0) }) else { continue }
                let isDone =
                    kind == "rename"
                    ? try Self.takeBackName(step, id, in: transaction)
                    : try Self.takeBackLabel(step, id, texts, at: now, in: transaction)
                if isDone { changed.insert(id) }
            }
            if kind == "label" { for id in changed { try jobs.enqueue(EmbedMeme(meme: id), in: transaction) } }
            for id in changed.sorted() { try memes.touch(id, at: now, in: transaction) }
            return changed.count
        }
    }

    private static func keep(
        _ batch: ID<EditBatch>,
        _ kind: String,
        _ before: JSON,
        at now: Timestamp,
        in transaction: any Transaction,
    ) throws {
        try transaction.execute(
            "INSERT INTO meme_batch (id, kind, before, created_at) VALUES (\(batch), \(kind), \(before), \(now))"
        )
    }

    private static func before(_ field: MemeField, of id: ID<Meme>, in transaction: any Transaction) throws -> JSON {
        let row = try transaction.first(
            """
            SELECT field, provenance, value, confidence FROM meme_text
            WHERE meme_id = \(id) AND field = \(field) AND provenance = 'human'
            """
        )
        let values = try row.map { JSON(try MemeText(row: $0).values) }
        return ["id": JSON(id), "field": JSON(field.rawValue), "values": values ?? .null]
    }

    private static func set(
        _ change: EditMeme.Change,
        of id: ID<Meme>,
        _ texts: MemeTextStore,
        at now: Timestamp,
        in transaction: any Transaction,
    ) throws {
        if let values = change.values {
            try texts.put(MemeText(change.field, values, by: .human), of: id, at: now, in: transaction)
        } else {
            try texts.remove(change.field, by: .human, of: id, in: transaction)
        }
    }

    private static func takeBackName(_ step: JSON, _ id: ID<Meme>, in transaction: any Transaction) throws -> Bool {
        guard let from = step["from"]?.string, let to = step["to"]?.string else { return false }
        return try transaction.execute(
            "UPDATE meme SET file_name = \(from) WHERE id = \(id) AND file_name = \(to)"
        ) == 1
    }

    private static func takeBackLabel(
        _ step: JSON,
        _ id: ID<Meme>,
        _ texts: MemeTextStore,
        at now: Timestamp,
        in transaction: any Transaction,
    ) throws -> Bool {
        guard let field = step["field"]?.string.flatMap(MemeField.init(rawValue:)),
            try transaction.first("SELECT id FROM meme WHERE id = \(id)") != nil
        else { return false }
        let values = step["values"]?.array?.compactMap(\.string)
        try set(EditMeme.Change(field: field, values: values), of: id, texts, at: now, in: transaction)
        return true
    }
}
