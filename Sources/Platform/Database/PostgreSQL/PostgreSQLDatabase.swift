import Kernel
import Telemetry

/// A PostgreSQL database: a pool of connections for queries and transactions, one that carries point reads in batches,
/// and one for announcements. Transactions are READ COMMITTED: what a body has read may have changed by the time it
/// writes, unless it locked the rows or says in the `WHERE` of the write what it relies on.
package final class PostgreSQLDatabase: Database {
    private let pool: PostgreSQLPool
    private let lookups: PostgreSQLLookups
    private let announcer: PostgreSQLAnnouncer
    private let metrics: DatabaseMetrics

    private init(_ target: PostgreSQLTarget, _ backOff: PostgreSQLBackOff, metrics: Metrics) {
        pool = PostgreSQLPool(target, backOff, metrics: metrics)
        lookups = PostgreSQLLookups(target, backOff)
        announcer = PostgreSQLAnnouncer(target, backOff)
        self.metrics = DatabaseMetrics(metrics)
    }

    deinit {
        pool.abandon()
        lookups.abandon()
        announcer.abandon()
    }

    /// Connects once to see that the database answers; the other connections follow when they are needed. `url` is
    /// `postgresql://user:password@host:port/name?sslmode=…`, as libpq reads it; `log` gets a line when the database
    /// goes away and when it is back.
    ///
    /// - Throws: ``DatabaseError/unavailable(detail:)`` when it cannot be reached or is not encoded in UTF8.
    package static func open(
        url: Secret<String>,
        settings: PostgreSQLSettings = PostgreSQLSettings(),
        metrics: Metrics,
        log: Log,
    ) async throws(DatabaseError) -> PostgreSQLDatabase {
        let target = try PostgreSQLTarget(url, settings)
        let database = PostgreSQLDatabase(target, PostgreSQLBackOff(metrics: metrics, log: log), metrics: metrics)
        do throws(DatabaseError) {
            _ = try await database.query("SELECT 1 AS one")
        } catch {
            await database.close()
            throw error
        }
        log.info(
            "database open",
            ["database.engine": "postgresql", "database.connections": "\(settings.connections)"],
        )
        return database
    }

    package var dialect: Dialect { .postgresql }

    package func query(_ sql: SQL) async throws(DatabaseError) -> [Row] {
        try await read(.query, [PostgreSQLStep(sql)])
    }

    package func lookup(_ sql: SQL) async throws(DatabaseError) -> Row? {
        let start = ContinuousClock.now
        do throws(DatabaseError) {
            let row = try await lookups.row(sql)
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
            return try await onPool(.execute, isCancellable: false) { try $0.write(PostgreSQLStep(sql)) }
        } catch {
            throw asDatabaseError(error)
        }
    }

    package func transaction<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        // The body runs on the connection's thread, where the caller's task-local values are not.
        let context = CallContext.current
        return try await onPool(.transaction, isCancellable: false) { slot in
            let done = try context.run { try slot.transact(body) }
            for action in done.commitActions { action() }
            return done.value
        }
    }

    /// The plan of a statement, for tests that its index is used. Tables of tests are small, where reading them whole
    /// or sorting is cheapest: both are shown only where nothing else is possible.
    package func explain(_ sql: SQL) async throws(DatabaseError) -> String {
        let steps: [SQL] = [
            "BEGIN", "SET LOCAL enable_seqscan = off", "SET LOCAL enable_sort = off",
            "SET LOCAL enable_bitmapscan = off", "EXPLAIN (COSTS OFF) " + sql,
        ]
        do {
            let rows = try await onPool(.query, isCancellable: true) { slot in
                try slot.explain(steps.map { PostgreSQLStep($0) })
            }
            var lines: [String] = []
            for row in rows { lines.append(try row.get("QUERY PLAN")) }
            return lines.joined(separator: "\n")
        } catch {
            throw asDatabaseError(error)
        }
    }

    package func announce(_ channel: String, _ payload: String) { announcer.announce(channel, payload) }

    package func announcements(_ channel: String) -> AsyncStream<Announcement> { announcer.announcements(channel) }

    package func close() async {
        await pool.close()
        await lookups.close()
        await announcer.close()
    }

    private func read(
        _ operation: DatabaseMetrics.Operation,
        _ steps: [PostgreSQLStep],
    ) async throws(DatabaseError) -> [Row] {
        do {
            return try await onPool(operation, isCancellable: true) { try $0.read(steps) }
        } catch {
            throw asDatabaseError(error)
        }
    }

    private func onPool<Value: Sendable>(
        _ operation: DatabaseMetrics.Operation,
        isCancellable: Bool,
        _ work: @escaping @Sendable (PostgreSQLSlot) throws -> Value,
    ) async throws -> Value {
        let start = ContinuousClock.now
        let outcome = OneShot<Result<Value, any Error>>()
        let call = PostgreSQLCall(work) { outcome.fulfil($0) }
        do throws(DatabaseError) { try pool.submit(call) } catch { call.refuse(error) }
        let result = await withTaskCancellationHandler {
            await outcome.wait()
        } onCancel: {
            if isCancellable { call.cancel() }
        }
        metrics.record(operation, since: start, isOK: (try? result.get()) != nil)
        return try result.get()
    }
}

private func asDatabaseError(_ error: any Error) -> DatabaseError {
    error as? DatabaseError ?? .unavailable(detail: "\(error)")
}
