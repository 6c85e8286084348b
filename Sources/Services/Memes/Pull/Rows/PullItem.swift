import Database
import Kernel

/// An object that a pull has found.
struct PullItem: Sendable {
    /// What became of it.
    enum State: String, Sendable, CaseIterable, SQLBindable, SQLDecodable {
        /// It waits to be fetched, for the first time or once more.
        case listed
        case done
        /// Its bytes were a meme already.
        case duplicate
        case skipped
        /// It cannot be used, however often it is fetched.
        case failed
        /// It was tried as often as is allowed.
        case dead
        case cancelled
    }

    /// Why an object is not taken.
    enum SkipReason: String, Sendable {
        case notImage = "not_image"
        case tooLarge = "too_large"
        /// It has not changed since it was taken.
        case unchanged
    }

    let key: String
    let size: Int
    let tag: String
    let modified: Timestamp
    let batch: Int
    let state: State
    /// Machine-readable: a ``SkipReason`` or an error's code.
    let reason: String?
    let message: String?
    let attempts: Int
    let nextTry: Timestamp?
    let meme: ID<Meme>?

    /// The columns that ``init(row:)`` reads.
    static let columns: SQL =
        "key, size_bytes, tag, modified_at, batch, state, reason, message, attempts, next_try, meme_id"

    init(row: Row) throws {
        key = try row.get("key")
        size = try row.get("size_bytes")
        tag = try row.get("tag")
        modified = try row.get("modified_at")
        batch = try row.get("batch")
        state = try row.get("state")
        reason = try row.get("reason")
        message = try row.get("message")
        attempts = try row.get("attempts")
        nextTry = try row.get("next_try")
        meme = try row.get("meme_id")
    }
}
