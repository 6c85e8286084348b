import Database
import Kernel

/// What people thought of what they found.
struct FeedbackStore: Sendable {
    /// What somebody did with a meme.
    enum Kind: String, Sendable, CaseIterable, SQLBindable, SQLDecodable {
        case like, dislike, sent

        fileprivate var column: SQL {
            switch self {
            case .like: "likes"
            case .dislike: "dislikes"
            case .sent: "sent"
            }
        }
    }

    let memes: MemeStore

    /// Notes it and counts it; likes and dislikes move the meme a little in later searches.
    ///
    /// - Throws: ``MemesError/memeNotFound``.
    func add(_ kind: Kind, to id: ID<Meme>, query: String, at now: Timestamp) async throws {
        let memes = memes
        try await memes.database.transaction { transaction in
            let changed = try transaction.execute(
                "UPDATE meme SET \(kind.column) = \(kind.column) + 1 WHERE id = \(id)"
            )
            guard changed == 1 else { throw MemesError.memeNotFound }
            try transaction.execute(
                """
                INSERT INTO meme_feedback (id, meme_id, query, kind, created_at)
                VALUES (\(ID<FeedbackStore>()), \(id), \(query), \(kind), \(now))
                """
            )
            if kind != .sent { try memes.touch(id, at: now, in: transaction) }
        }
    }
}
