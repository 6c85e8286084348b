import Database
import Kernel
import ObjectStore

/// The queries about what pulls have found.
struct PullItemStore: Sendable {
    let database: any Database

    /// An object of a page of the listing.
    struct Found: Sendable {
        let object: SourceObject
        let batch: Int
        let skip: PullItem.SkipReason?
    }

    // MARK: Reading

    /// Those of a batch that may be fetched now.
    func due(_ pull: ID<Pull>, batch: Int, at now: Timestamp) async throws -> [PullItem] {
        try await database.query(
            """
            SELECT \(PullItem.columns) FROM pull_item
            WHERE job_id = \(pull) AND state = 'listed' AND batch = \(batch) AND (next_try IS NULL OR next_try <= \(now))
            ORDER BY key
            """
        ).map(PullItem.init(row:))
    }

    /// In the order of their keys.
    func page(
        _ pull: ID<Pull>,
        states: [PullItem.State],
        after key: String?,
        limit: Int,
    ) async throws -> [PullItem] {
        let only: SQL = states.isEmpty ? "" : "AND state IN (\(list: states))"
        let later: SQL = key.map { "AND key > \($0)" } ?? ""
        return try await database.query(
            """
            SELECT \(PullItem.columns) FROM pull_item WHERE job_id = \(pull) \(only) \(later)
            ORDER BY key LIMIT \(limit)
            """
        ).map(PullItem.init(row:))
    }

    /// Which of the objects look as they did when they were last taken.
    func unchanged(_ objects: [SourceObject], source: (String) -> String) async throws -> Set<String> {
        let sources = objects.map { source($0.key) }
        guard !sources.isEmpty else { return [] }
        let rows = try await database.query(
            "SELECT source, size_bytes, tag, modified_at FROM pull_seen WHERE source IN (\(list: sources))"
        )
        var seen: [String: (Int, String, Timestamp)] = [:]
        for row in rows {
            seen[try row.get("source")] = (try row.get("size_bytes"), try row.get("tag"), try row.get("modified_at"))
        }
        let same = objects.filter { object in
            seen[source(object.key)].map { $0 == (object.size, object.tag, object.modified) } ?? false
        }
        return Set(same.map(\.key))
    }

    /// Which of the keys the pull has found.
    func listed(_ keys: [String], by pull: ID<Pull>) async throws -> Set<String> {
        guard !keys.isEmpty else { return [] }
        let rows = try await database.query(
            "SELECT key FROM pull_item WHERE job_id = \(pull) AND key IN (\(list: keys))"
        )
        return Set(try rows.map { try $0.get("key", as: String.self) })
    }

    // MARK: Changes, each inside the caller's transaction

    /// Adds a page. An object that stands there already, because a listing was done anew, stays as it is.
    ///
    /// - Returns: How many are new.
    func insert(_ found: [Found], of pull: ID<Pull>, at now: Timestamp, in transaction: any Transaction) throws -> Int {
        var count = 0
        for start in stride(from: 0, to: found.count, by: 100) {
            let rows = found[start..<min(start + 100, found.count)].map { item -> SQL in
                let (object, state) = (item.object, item.skip == nil ? PullItem.State.listed : .skipped)
                return """
                    (\(pull), \(object.key), \(object.size), \(object.tag), \(object.modified), \(item.batch), \(state),
                    \(item.skip?.rawValue), \(now))
                    """
            }
            let values = rows.dropFirst().reduce(rows[0]) { $0 + ", " + $1 }
            count += try transaction.execute(
                """
                INSERT INTO pull_item (job_id, key, size_bytes, tag, modified_at, batch, state, reason, updated_at)
                VALUES \(values) ON CONFLICT (job_id, key) DO NOTHING
                """
            )
        }
        return count
    }

    /// Notes that the object's bytes are a meme, together with how it looked.
    ///
    /// - Returns: `false` when it does not wait any more, because the pull was cancelled meanwhile.
    func finish(
        _ item: PullItem,
        of pull: Pull,
        as state: PullItem.State,
        _ meme: (id: ID<Meme>, hash: String),
        at now: Timestamp,
        in transaction: any Transaction,
    ) throws -> Bool {
        let changed = try transaction.execute(
            """
            UPDATE pull_item SET state = \(state), meme_id = \(meme.id), content_hash = \(meme.hash), reason = NULL,
                message = NULL, next_try = NULL, attempts = attempts + 1, updated_at = \(now)
            WHERE job_id = \(pull.id) AND key = \(item.key) AND state = 'listed'
            """
        )
        guard changed == 1 else { return false }
        try transaction.execute(
            """
            INSERT INTO pull_seen (source, size_bytes, tag, modified_at)
            VALUES (\(pull.source(of: item.key)), \(item.size), \(item.tag), \(item.modified))
            ON CONFLICT (source) DO UPDATE SET size_bytes = excluded.size_bytes, tag = excluded.tag,
                modified_at = excluded.modified_at
            """
        )
        return true
    }

    /// Notes a try that did not succeed.
    func record(
        _ failure: PullFailure,
        of item: PullItem,
        in pull: ID<Pull>,
        at now: Timestamp,
        in transaction: any Transaction,
    ) throws {
        try transaction.execute(
            """
            UPDATE pull_item SET state = \(failure.state), reason = \(failure.reason), message = \(failure.message),
                next_try = \(failure.nextTry), attempts = attempts + 1, updated_at = \(now)
            WHERE job_id = \(pull) AND key = \(item.key) AND state = 'listed'
            """
        )
    }

    /// Gives all of a batch up that still waits; `nil` for every batch.
    func end(
        _ batch: Int?,
        of pull: ID<Pull>,
        as state: PullItem.State,
        _ reason: String?,
        _ message: String?,
        at now: Timestamp,
        in transaction: any Transaction,
    ) throws {
        let only: SQL = batch.map { "AND batch = \($0)" } ?? ""
        try transaction.execute(
            """
            UPDATE pull_item SET state = \(state), reason = \(reason), message = \(message), next_try = NULL,
                updated_at = \(now)
            WHERE job_id = \(pull) AND state = 'listed' \(only)
            """
        )
    }

    /// When the next of a batch is due, and in which batches something waits.
    func waiting(_ pull: ID<Pull>, in transaction: any Transaction) throws -> [(batch: Int, due: Timestamp)] {
        try transaction.query(
            """
            SELECT batch, MIN(COALESCE(next_try, 0)) AS due FROM pull_item
            WHERE job_id = \(pull) AND state = 'listed' GROUP BY batch ORDER BY batch
            """
        ).map { (try $0.get("batch"), try $0.get("due")) }
    }

    /// When the next of a batch is due; `nil` when nothing of it waits.
    func due(_ pull: ID<Pull>, batch: Int, in transaction: any Transaction) throws -> Timestamp? {
        try transaction.first(
            """
            SELECT MIN(COALESCE(next_try, 0)) AS due FROM pull_item
            WHERE job_id = \(pull) AND state = 'listed' AND batch = \(batch)
            """
        )?.get("due")
    }

    /// How many objects are not skipped.
    func countTaken(by pull: ID<Pull>, in transaction: any Transaction) throws -> Int {
        try transaction.first(
            "SELECT COUNT(*) AS n FROM pull_item WHERE job_id = \(pull) AND state <> 'skipped'"
        )?.get("n") ?? 0
    }

    func hasWaiting(_ pull: ID<Pull>, in transaction: any Transaction) throws -> Bool {
        try transaction.first("SELECT 1 AS n FROM pull_item WHERE job_id = \(pull) AND state = 'listed' LIMIT 1") != nil
    }

    /// Lets failed and dead ones wait again, with all their tries; of those with these reasons or keys, where any are
    /// named.
    ///
    /// - Returns: How many.
    func revive(
        _ pull: ID<Pull>,
        states: [PullItem.State],
        keys: [String],
        at now: Timestamp,
        in transaction: any Transaction,
    ) throws -> Int {
        let only: SQL = keys.isEmpty ? "" : "AND key IN (\(list: keys))"
        return try transaction.execute(
            """
            UPDATE pull_item SET state = 'listed', reason = NULL, message = NULL, next_try = NULL, attempts = 0,
                updated_at = \(now)
            WHERE job_id = \(pull) AND state IN (\(list: states)) \(only)
            """
        )
    }
}
