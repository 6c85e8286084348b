import Kernel
import Telemetry

/// A SQLite file in WAL mode: one writing thread with group commit, pooled readers.
package final class SQLiteDatabase: Database {
    let path: String
    let settings: SQLiteSettings
    private let writer: SQLiteWriter
    private let readers: SQLiteReaders
    private let pool: WorkPool
    private let metrics: DatabaseMetrics
    private let changes: SQLiteChangeWatch
    private let hub = AnnouncementHub()

    private init(
        path: String,
        settings: SQLiteSettings,
        writing: SQLiteConnection,
        watching: SQLiteConnection,
        metrics: Metrics,
    ) {
        self.path = path
        self.settings = settings
        writer = SQLiteWriter(writing, limit: settings.waitingTransactions, metrics: metrics)
        readers = SQLiteReaders(path: path, settings: settings, kept: settings.readers + 4)
        pool = WorkPool(name: "sqlite-read", width: settings.readers, limit: settings.waitingQueries)
        changes = SQLiteChangeWatch(watching)
        self.metrics = DatabaseMetrics(metrics)
    }

    deinit { writer.abandon() }

    /// Opens the file at `path` and makes it when there is none; its folder must exist.
    ///
    /// - Throws: ``DatabaseError/corrupt(detail:)`` for a file that is no database,
    ///   ``DatabaseError/unavailable(detail:)`` for one that cannot be opened.
    package static func open(
        path: String,
        settings: SQLiteSettings = SQLiteSettings(),
        metrics: Metrics,
        log: Log,
    )
        throws(DatabaseError) -> SQLiteDatabase
    {
        let writing = try SQLiteConnection.open(path, .writing, settings)
        // Reads the schema now, so that a damaged file stops the start and not the first request.
        _ = try writing.rows("SELECT COUNT(*) FROM sqlite_schema")
        let watching = try SQLiteConnection.open(path, .reading, settings)
        log.info("database open", ["database.engine": "sqlite", "database.readers": "\(settings.readers)"])
        return SQLiteDatabase(path: path, settings: settings, writing: writing, watching: watching, metrics: metrics)
    }

    package var dialect: Dialect { .sqlite }

    /// Transactions that wait for the writer now.
    var waitingTransactions: Int { writer.waiting }

    package func query(_ sql: SQL) async throws(DatabaseError) -> [Row] {
        try await onPool(.query) { connection throws(DatabaseError) in try connection.rows(sql) }
    }

    package func lookup(_ sql: SQL) async throws(DatabaseError) -> Row? {
        let start = ContinuousClock.now
        do throws(DatabaseError) {
            let row = try readers.lend { connection throws(DatabaseError) in try connection.rows(sql, limit: 1).first }
            metrics.record(.lookup, since: start, isOK: true)
            return row
        } catch {
            metrics.record(.lookup, since: start, isOK: false)
            throw error
        }
    }

    @discardableResult
    package func execute(_ sql: SQL) async throws(DatabaseError) -> Int {
        do {
            return try await write(.execute) { try $0.execute(sql) }
        } catch let error as DatabaseError {
            throw error
        } catch {
            throw .unavailable(detail: "\(error)")  // the body above throws nothing else
        }
    }

    package func transaction<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    )
        async throws -> Value
    {
        // The body runs on the writer's thread, where the caller's task-local values are not.
        let context = CallContext.current
        return try await write(.transaction) { transaction in try context.run { try body(transaction) } }
    }

    /// The plan of a statement, for tests that its index is used.
    package func explain(_ sql: SQL) async throws(DatabaseError) -> String {
        let plan = try await query("EXPLAIN QUERY PLAN " + sql)
        var lines: [String] = []
        for row in plan { lines.append(try row.get("detail")) }
        return lines.joined(separator: "\n")
    }

    /// A number that grows whenever any connection of any process committed since the last call; for noticing what a
    /// command beside the server wrote. Costs as little as a point read.
    package func changeCounter() throws(DatabaseError) -> Int64 { try changes.counter() }

    /// The other process on the file, if any, is a command of the operator: it has nobody to tell.
    package func announce(_ channel: String, _ payload: String) { hub.tell(channel, .said(payload)) }

    package func announcements(_ channel: String) -> AsyncStream<Announcement> {
        let stream = hub.subscribe(channel)
        hub.welcome(channel)
        return stream
    }

    package func close() async {
        await writer.close()
        hub.close()
        readers.close()
        changes.close()
    }

    /// Runs reads on a pool thread with a connection of their own.
    func onPool<Value: Sendable>(
        _ operation: DatabaseMetrics.Operation,
        _ work: @escaping @Sendable (SQLiteConnection) throws(DatabaseError) -> Value,
    ) async throws(DatabaseError) -> Value {
        let start = ContinuousClock.now
        do {
            let value = try await pool.run { [readers] in try readers.lend(work) }
            metrics.record(operation, since: start, isOK: true)
            return value
        } catch {
            metrics.record(operation, since: start, isOK: false)
            throw poolError(error)
        }
    }

    private func write<Value: Sendable>(
        _ operation: DatabaseMetrics.Operation,
        _ body: @escaping @Sendable (any Transaction) throws -> Value,
    ) async throws -> Value {
        let start = ContinuousClock.now
        let outcome = await withCheckedContinuation { (caller: CheckedContinuation<Result<Value, any Error>, Never>) in
            let call = SQLiteCall(body) { caller.resume(returning: $0) }
            do throws(DatabaseError) { try writer.submit(call) } catch { caller.resume(returning: .failure(error)) }
        }
        metrics.record(operation, since: start, isOK: (try? outcome.get()) != nil)
        return try outcome.get()
    }
}

private func poolError(_ error: any Error) -> DatabaseError {
    switch error {
    case let error as DatabaseError: error
    case is WorkPool.Full: .overloaded
    case is CancellationError: .cancelled
    default: .unavailable(detail: "\(error)")
    }
}
