import Kernel

/// Rows in tables, on SQLite or PostgreSQL. Both pass `DatabaseContract`.
package protocol Database: Sendable {
    var dialect: Dialect { get }

    /// Runs one reading statement and returns all its rows. Sees everything committed before the call.
    ///
    /// - Throws: ``DatabaseError/readOnly`` for a statement that writes, ``DatabaseError/overloaded`` when too many
    ///   queries wait.
    func query(_ sql: SQL) async throws(DatabaseError) -> [Row]

    /// The first row of a point read by an indexed key. SQLite answers it on the calling thread (2 µs), so it must
    /// never scan.
    func lookup(_ sql: SQL) async throws(DatabaseError) -> Row?

    /// Runs one writing statement in a transaction of its own and returns how many rows it changed; the change is on
    /// disk when this returns.
    @discardableResult
    func execute(_ sql: SQL) async throws(DatabaseError) -> Int

    /// Runs `body` in a transaction. When it returns, its changes are committed together, on disk; when it throws,
    /// none of them is kept and its error is thrown on.
    ///
    /// Where a connection can be lost in the middle of a commit, ``DatabaseError/unknownOutcome(detail:)`` says that the
    /// changes were all kept or all lost.
    ///
    /// `body` is synchronous, because every other writer may be waiting for it. It may run twice (after a full disk
    /// or a lost connection), so it does nothing but talk to its transaction; anything else belongs into
    /// ``Transaction/afterCommit(_:)``. It finds the caller's `RequestID` and `Span`, and no other task-local value. A cancelled
    /// task may still write: its clean-up needs it.
    func transaction<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws
        -> Value

    /// The engine's plan for a statement, one step per line, for tests that check that an index is used.
    func explain(_ sql: SQL) async throws(DatabaseError) -> String

    /// Tells every process on this database, this one included, that something happened; soon, but in no order and
    /// without promise, so whoever must not miss it also looks at the tables now and then. The same words said many
    /// times at once arrive once or more. Never part of a transaction: call it in ``Transaction/afterCommit(_:)``.
    ///
    /// - Parameters:
    ///   - channel: A short name.
    ///   - payload: Under 8,000 bytes and without NUL, such as an id.
    func announce(_ channel: String, _ payload: String)

    /// What is announced on a channel, until the reader stops or the database is closed.
    func announcements(_ channel: String) -> AsyncStream<Announcement>

    /// Lets running work end, does what waits, and closes the connections. Later calls throw
    /// ``DatabaseError/closed``.
    func close() async
}

/// The inside of ``Database/transaction(_:)``. After a failed statement the transaction is lost: every later one
/// throws the same error, and so does the transaction, even when the body hides it (PostgreSQL works so).
package protocol Transaction {
    var dialect: Dialect { get }

    /// Runs one statement, also `INSERT … RETURNING`, and returns its rows.
    func query(_ sql: SQL) throws(DatabaseError) -> [Row]

    /// Runs one statement and returns how many rows it changed.
    @discardableResult
    func execute(_ sql: SQL) throws(DatabaseError) -> Int

    /// Runs `action` once the commit is on disk and before the caller resumes; never when it fails. It must be quick:
    /// it runs on the writer's thread.
    func afterCommit(_ action: @escaping @Sendable () -> Void)
}

extension Transaction {
    /// The first row, or `nil` when there is none.
    package func first(_ sql: SQL) throws(DatabaseError) -> Row? { try query(sql).first }
}

extension Database {
    /// The first row of ``query(_:)``, or `nil` when there is none.
    package func first(_ sql: SQL) async throws(DatabaseError) -> Row? { try await query(sql).first }
}
