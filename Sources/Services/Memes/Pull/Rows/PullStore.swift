import Database
import Kernel

/// The queries about pulls.
struct PullStore: Sendable {
    let database: any Database

    func find(_ id: ID<Pull>) async throws -> Pull? {
        try await database.lookup("SELECT \(Pull.columns) FROM pull_job WHERE id = \(id)").map(Pull.init(row:))
    }

    /// The newest first; pass the last one seen to get the next page.
    func page(before last: Pull?, limit: Int) async throws -> [Pull] {
        let older: SQL = last.map { "WHERE (created_at, id) < (\($0.createdAt), \($0.id))" } ?? ""
        return try await database.query(
            "SELECT \(Pull.columns) FROM pull_job \(older) ORDER BY created_at DESC, id DESC LIMIT \(limit)"
        ).map(Pull.init(row:))
    }

    /// The pull that a request with this key began.
    func find(owner: String, idempotencyKey: String, in transaction: any Transaction) throws -> Pull? {
        try transaction.first(
            "SELECT \(Pull.columns) FROM pull_job WHERE owner = \(owner) AND idempotency_key = \(idempotencyKey)"
        ).map(Pull.init(row:))
    }

    /// One that does the same and has not ended.
    func unfinished(fingerprint: String, in transaction: any Transaction) throws -> ID<Pull>? {
        try transaction.first(
            "SELECT id FROM pull_job WHERE fingerprint = \(fingerprint) AND state IN ('running', 'paused')"
        )?.get("id")
    }

    // MARK: Changes, each inside the caller's transaction

    /// - Returns: `false` when the same is being pulled, or the same request was made, since the caller looked.
    func insert(_ new: NewPull, at now: Timestamp, in transaction: any Transaction) throws -> Bool {
        try transaction.execute(
            """
            INSERT INTO pull_job (id, source, profile, options, state, fingerprint, owner, idempotency_key, created_at,
                updated_at)
            VALUES (\(new.id), \(new.address.text), \(new.profile), \(new.options.json), 'running',
                \(new.fingerprint), \(new.owner), \(new.idempotencyKey), \(now), \(now))
            ON CONFLICT DO NOTHING
            """
        ) == 1
    }

    /// Reads the pull for a change: others that want to change it wait until the transaction ends, so whatever is
    /// decided by what they wrote is decided once.
    func lock(_ id: ID<Pull>, at now: Timestamp, in transaction: any Transaction) throws -> Pull? {
        try transaction.first(
            "UPDATE pull_job SET updated_at = \(now) WHERE id = \(id) RETURNING \(Pull.columns)"
        ).map(Pull.init(row:))
    }

    /// Notes a page of the listing.
    func advance(
        _ id: ID<Pull>,
        to lastKey: String?,
        isListed: Bool,
        adding count: Int,
        batches: Int,
        in transaction: any Transaction,
    ) throws {
        try transaction.execute(
            """
            UPDATE pull_job SET last_key = COALESCE(\(lastKey), last_key), list_done = \(isListed ? 1 : 0),
                listed = listed + \(count), batches = \(batches), error_code = NULL, error_message = NULL
            WHERE id = \(id)
            """
        )
    }

    func set(_ state: PullState, of id: ID<Pull>, at now: Timestamp, in transaction: any Transaction) throws {
        let isEnd = state != .running && state != .paused
        try transaction.execute(
            """
            UPDATE pull_job SET state = \(state), updated_at = \(now), finished_at = \(isEnd ? now : nil)
            WHERE id = \(id)
            """
        )
    }

    /// Notes how many objects of earlier pulls the source has no more.
    func setMissing(_ count: Int, of id: ID<Pull>, in transaction: any Transaction) throws {
        try transaction.execute("UPDATE pull_job SET missing = \(count) WHERE id = \(id)")
    }

    /// Counts an object that the source has no more and that is known no more here.
    func countDeleted(_ source: String, of id: ID<Pull>, in transaction: any Transaction) throws {
        try transaction.execute("DELETE FROM pull_seen WHERE source = \(source)")
        try transaction.execute("UPDATE pull_job SET deleted = deleted + 1 WHERE id = \(id)")
    }

    /// Notes what went wrong with the listing; `nil` takes it away.
    func setError(_ code: String?, _ message: String?, of id: ID<Pull>, in transaction: any Transaction) throws {
        try transaction.execute(
            "UPDATE pull_job SET error_code = \(code), error_message = \(message) WHERE id = \(id)"
        )
    }
}

/// A pull that begins.
struct NewPull: Sendable {
    let id = ID<Pull>()
    let address: PullAddress
    let profile: String
    let options: PullOptions
    /// Who asked.
    let owner: String
    let idempotencyKey: String?

    /// Equal for pulls that would do the same.
    var fingerprint: String {
        let text = [address.text, profile, options.json.text].joined(separator: "\u{1F}")
        return Digest.sha256(text.utf8).hexadecimal
    }
}
