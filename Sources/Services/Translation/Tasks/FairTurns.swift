import Database
import Kernel

/// Whose picture is next: start-time fair queueing (Goyal, Vin and Cheng, 1996) with pictures of one size.
///
/// A picture's turn is one after the latest of its client's that is not finished, but never before the turn that
/// pictures are at now. Lower turns go first, so clients that wait alternate, whatever each of them has sent; who comes
/// back after a pause has neither lost nor saved anything. All stages of a picture have its turn.
struct FairTurns: Sendable {
    /// The turn of a client's next picture; later ones of the same request follow it one by one.
    func next(of client: String, in transaction: any Transaction) throws -> Int {
        let now: Int? = try transaction.first(Self.current)?.get("turn")
        let own: Int? = try transaction.first(Self.latest(of: client))?.get("turn")
        return max(now ?? 0, own.map { $0 + 1 } ?? 0)
    }

    /// The turn that pictures are at; without a row when nothing is in work.
    static let current: SQL = """
        SELECT turn FROM translation_image WHERE completed_at IS NULL AND job_id IS NOT NULL ORDER BY turn LIMIT 1
        """

    static func latest(of client: String) -> SQL {
        """
        SELECT turn FROM translation_image WHERE client = \(client) AND completed_at IS NULL AND job_id IS NOT NULL
        ORDER BY turn DESC LIMIT 1
        """
    }

    /// Gives a picture of a client its turn.
    func give(
        _ turn: Int,
        to id: ID<TranslationImage>,
        of client: String,
        in transaction: any Transaction,
    ) throws {
        try transaction.execute(
            "UPDATE translation_image SET client = \(client), turn = \(turn) WHERE id = \(id)"
        )
    }

    /// The priority of a picture's jobs.
    func priority(of id: ID<TranslationImage>, in transaction: any Transaction) throws -> Int {
        let turn: Int? = try transaction.first("SELECT turn FROM translation_image WHERE id = \(id)")?.get("turn")
        return -(turn ?? 0)
    }
}
