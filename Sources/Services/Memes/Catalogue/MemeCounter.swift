import Database
import Kernel

/// The numbers that every change takes, the last thing in its transaction.
struct MemeCounter: Sendable {
    /// Says that a meme has changed, after the commit: indexes follow.
    let announce: @Sendable () -> Void

    /// The next change. Transactions that take one wait for each other from here to their commit, so that whoever has
    /// seen a change has seen all before it.
    func nextChange(in transaction: any Transaction) throws -> Int64 {
        let announce = announce
        transaction.afterCommit { announce() }
        return try next("change", in: transaction)
    }

    /// The next meme's number.
    func nextNumber(in transaction: any Transaction) throws -> Int64 { try next("number", in: transaction) }

    /// The change that everything committed so far has reached.
    static func current(in database: any Database) async throws -> Int64 {
        try await database.lookup("SELECT value FROM meme_counter WHERE name = 'change'")?.get("value") ?? 0
    }

    private func next(_ name: String, in transaction: any Transaction) throws -> Int64 {
        let row = try transaction.first(
            "UPDATE meme_counter SET value = value + 1 WHERE name = \(name) RETURNING value"
        )
        guard let row else { throw DatabaseError.corrupt(detail: "meme_counter has no row \(name)") }
        return try row.get("value")
    }
}
