/// One member's view of the writer's connection. Used on the writer's thread, while its body runs.
final class SQLiteTransaction: Transaction {
    private let connection: SQLiteConnection
    /// The first statement that failed: from then on nothing else runs, as on PostgreSQL.
    private(set) var failure: DatabaseError?
    private(set) var commitActions: [@Sendable () -> Void] = []

    init(_ connection: SQLiteConnection) { self.connection = connection }

    var dialect: Dialect { .sqlite }

    func query(_ sql: SQL) throws(DatabaseError) -> [Row] {
        try running { connection throws(DatabaseError) in try connection.rows(sql) }
    }

    func execute(_ sql: SQL) throws(DatabaseError) -> Int {
        try running { connection throws(DatabaseError) in try connection.changes(sql) }
    }

    func afterCommit(_ action: @escaping @Sendable () -> Void) { commitActions.append(action) }

    private func running<Value>(
        _ statement: (SQLiteConnection) throws(DatabaseError) -> Value
    ) throws(DatabaseError)
        -> Value
    {
        if let failure { throw failure }
        do throws(DatabaseError) {
            return try statement(connection)
        } catch {
            failure = error
            throw error
        }
    }
}
