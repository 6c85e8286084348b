import Database
import Jobs
import Kernel

/// Whose picture is next: start-time fair queueing (Goyal, Vin and Cheng, 1996) with pictures of one size.
///
/// A picture's turn is one after the latest of its client's that is not finished, but never before the turn that
/// pictures are at now. Lower turns go first, so clients that wait alternate, whatever each of them has sent; who comes
/// back after a pause has neither lost nor saved anything. All stages of a picture have its turn.
struct FairTurns: Sendable {
    /// The turn of a client's next picture; later ones of the same request follow it one by one.
    func next(of client: String, in transaction: any Transaction) throws -> Int {
        let now = try current(in: transaction)
        let own: Int? = try transaction.first(Self.latest(of: client))?.get("turn")
        return max(now ?? 0, own.map { $0 + 1 } ?? 0)
    }

    /// The turn that pictures are at; `nil` when nothing is in work. Those whose jobs are put off, for hours where a quota
    /// of a day is used up, hold nobody else's turn.
    private func current(in transaction: any Transaction) throws -> Int? {
        var (turn, count): (Int?, Int) = (nil, 8)
        while count <= Self.longestLook {
            let rows = try transaction.query(Self.lowest(count))
            for row in rows {
                turn = try row.get("turn")
                if try row.get("state", as: JobState?.self) != .delayed { return turn }
            }
            guard rows.count == count else { break }
            count *= 4
        }
        return turn
    }

    /// Every new picture looks for its turn: past so many that are put off, it comes behind them.
    private static let longestLook = 2048

    static func lowest(_ count: Int) -> SQL {
        """
        SELECT turn, (SELECT state FROM job WHERE job.id = translation_image.job_id) AS state FROM translation_image
        WHERE completed_at IS NULL AND job_id IS NOT NULL ORDER BY turn LIMIT \(count)
        """
    }

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
