import Database
import Kernel

/// The queries about memes. Whoever changes one calls ``touch(_:at:in:)`` last.
struct MemeStore: Sendable {
    let database: any Database
    let counter: MemeCounter

    // MARK: Reading

    func find(_ id: ID<Meme>) async throws -> Meme? {
        try await database.lookup("SELECT \(Meme.columns) FROM meme WHERE id = \(id)").map(Meme.init(row:))
    }

    func find(hash: String) async throws -> Meme? {
        try await database.lookup("SELECT \(Meme.columns) FROM meme WHERE content_hash = \(hash)")
            .map(Meme.init(row:))
    }

    /// In no order; those that are no more are left out.
    func find(all ids: [ID<Meme>]) async throws -> [Meme] {
        guard !ids.isEmpty else { return [] }
        return try await database.query("SELECT \(Meme.columns) FROM meme WHERE id IN (\(list: ids))")
            .map(Meme.init(row:))
    }

    /// In no order; those that are no more are left out.
    func find(numbers: [UInt32]) async throws -> [Meme] {
        guard !numbers.isEmpty else { return [] }
        return try await database.query(
            "SELECT \(Meme.columns) FROM meme WHERE number IN (\(list: numbers.map(Int64.init)))"
        ).map(Meme.init(row:))
    }

    /// Memes that changed after `change`, in the order of their changes.
    func changed(after change: Int64, limit: Int) async throws -> [Meme] {
        try await database.query(
            "SELECT \(Meme.columns) FROM meme WHERE change > \(change) ORDER BY change LIMIT \(limit)"
        ).map(Meme.init(row:))
    }

    /// Numbers of memes that went after `change` and not after `last`.
    func gone(after change: Int64, upTo last: Int64) async throws -> [UInt32] {
        try await database.query(
            "SELECT number FROM meme_gone WHERE change > \(change) AND change <= \(last)"
        ).map { UInt32(try $0.get("number", as: Int.self)) }
    }

    /// The newest first; pass the last one seen to get the next page.
    func page(status: Meme.Status?, before last: Meme?, limit: Int) async throws -> [Meme] {
        let only: SQL = status.map { "AND status = \($0)" } ?? ""
        let older: SQL = last.map { "AND (created_at, id) < (\($0.createdAt), \($0.id))" } ?? ""
        return try await database.query(
            """
            SELECT \(Meme.columns) FROM meme WHERE number > 0 \(only) \(older)
            ORDER BY created_at DESC, id DESC LIMIT \(limit)
            """
        ).map(Meme.init(row:))
    }

    /// How many memes have each status.
    func counts() async throws -> [Meme.Status: Int] {
        let rows = try await database.query("SELECT status, COUNT(*) AS n FROM meme GROUP BY status")
        return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.get("status"), try $0.get("n")) })
    }

    /// How many of `ids` the pipeline still works on.
    func countUnfinished(of ids: [ID<Meme>]) async throws -> Int {
        try await database.first(
            "SELECT COUNT(*) AS n FROM meme WHERE status = 'partial' AND id IN (\(list: ids))"
        )?.get("n") ?? 0
    }

    // MARK: Changes, each inside the caller's transaction

    func find(_ id: ID<Meme>, in transaction: any Transaction) throws -> Meme? {
        try transaction.first("SELECT \(Meme.columns) FROM meme WHERE id = \(id)").map(Meme.init(row:))
    }

    /// - Returns: Whether the meme is new; `false` when there is one with the same bytes.
    func insert(_ meme: NewMeme, at now: Timestamp, in transaction: any Transaction) throws -> Bool {
        let known = try transaction.first("SELECT id FROM meme WHERE content_hash = \(meme.contentHash)")
        guard known == nil else { return false }
        let number = try counter.nextNumber(in: transaction)
        let change = try counter.nextChange(in: transaction)
        let inserted = try transaction.execute(
            """
            INSERT INTO meme (id, number, content_hash, status, file_name, mime_type, size_bytes, width_px, height_px,
                frames, perceptual_hash, difference_hash, colours, change, created_at, updated_at)
            VALUES (\(meme.id), \(number), \(meme.contentHash), 'partial', \(meme.fileName), \(meme.mimeType),
                \(meme.sizeBytes), \(meme.width), \(meme.height), \(meme.frames), \(hexadecimal(meme.perceptualHash)),
                \(hexadecimal(meme.differenceHash)), \(JSON(meme.colours)), \(change), \(now), \(now))
            ON CONFLICT (content_hash) DO NOTHING
            """
        )
        return inserted == 1
    }

    /// Gives the meme the next change, so that every index reads it again.
    ///
    /// - Returns: Whether there is such a meme.
    @discardableResult
    func touch(_ id: ID<Meme>, at now: Timestamp, in transaction: any Transaction) throws -> Bool {
        let change = try counter.nextChange(in: transaction)
        return try transaction.execute(
            "UPDATE meme SET change = \(change), updated_at = \(now) WHERE id = \(id)"
        ) == 1
    }

    func setStatus(_ status: Meme.Status, of id: ID<Meme>, in transaction: any Transaction) throws {
        try transaction.execute("UPDATE meme SET status = \(status) WHERE id = \(id)")
    }

    func setFileName(_ name: String, of id: ID<Meme>, in transaction: any Transaction) throws {
        try transaction.execute("UPDATE meme SET file_name = \(name) WHERE id = \(id)")
    }

    /// Removes the meme with everything that is known of it; what its stages found out stays for equal bytes.
    func delete(_ meme: Meme, in transaction: any Transaction) throws {
        // The counter of changes before the row, as everywhere: two that wait for each other would be refused.
        let change = try counter.nextChange(in: transaction)
        guard try transaction.execute("DELETE FROM meme WHERE id = \(meme.id)") == 1 else { return }
        try transaction.execute(
            "INSERT INTO meme_gone (number, change) VALUES (\(Int64(meme.number)), \(change))"
        )
    }
}

/// 16 digits.
func hexadecimal(_ hash: UInt64?) -> String? {
    guard let digits = hash.map({ String($0, radix: 16) }) else { return nil }
    return String(repeating: "0", count: 16 - digits.count) + digits
}
