import Database
import Kernel

/// Where a pull stands.
enum PullState: String, Sendable, CaseIterable, SQLBindable, SQLDecodable {
    case running, paused
    /// Everything that was listed is stored, skipped or given up.
    case done
    /// The listing was given up.
    case failed
    case cancelled
}

/// A pull: the pictures of a source, taken in one after the other.
struct Pull: Sendable {
    let id: ID<Pull>
    let address: PullAddress
    let profile: String
    let options: PullOptions
    let state: PullState
    /// Equal for pulls that would do the same.
    let fingerprint: String
    /// The last key that was listed: the listing goes on behind it.
    let lastKey: String?
    let isListed: Bool
    /// How many objects were listed so far.
    let listed: Int
    /// How many batches they make.
    let batches: Int
    /// How many objects of earlier pulls the source has no more; `nil` before anybody has looked.
    let missing: Int?
    /// How many of them were deleted here.
    let deleted: Int
    /// What went wrong last with the listing.
    let error: (code: String, message: String)?
    let createdAt: Timestamp
    let updatedAt: Timestamp
    let finishedAt: Timestamp?

    /// The columns that ``init(row:)`` reads.
    static let columns: SQL = """
        id, source, profile, options, state, fingerprint, last_key, list_done, listed, batches, missing, deleted,
        error_code, error_message, created_at, updated_at, finished_at
        """

    init(row: Row) throws {
        id = try row.get("id")
        address = try PullAddress(try row.get("source"))
        profile = try row.get("profile")
        options = try PullOptions(body: try row.get("options"))
        state = try row.get("state")
        fingerprint = try row.get("fingerprint")
        lastKey = try row.get("last_key")
        isListed = try row.get("list_done", as: Int.self) == 1
        listed = try row.get("listed")
        batches = try row.get("batches")
        missing = try row.get("missing")
        deleted = try row.get("deleted")
        let code: String? = try row.get("error_code")
        let message: String? = try row.get("error_message")
        error = code.map { ($0, message ?? "") }
        createdAt = try row.get("created_at")
        updatedAt = try row.get("updated_at")
        finishedAt = try row.get("finished_at")
    }

    /// Where an object of it is.
    func source(of key: String) -> String { address.source(of: key, profile: profile) }
}
