/// One body's view of a connection. Used on the connection's thread, while the body runs. `BEGIN` travels with the
/// first statement.
final class PostgreSQLTransaction: Transaction {
    private let connection: PostgreSQLConnection
    private(set) var hasBegun = false
    /// The first statement that failed: the server refuses every later one.
    private(set) var failure: PostgreSQLFailure?
    private(set) var commitActions: [@Sendable () -> Void] = []

    init(_ connection: PostgreSQLConnection) { self.connection = connection }

    var dialect: Dialect { .postgresql }

    func query(_ sql: SQL) throws(DatabaseError) -> [Row] { try run(sql).rows }

    func execute(_ sql: SQL) throws(DatabaseError) -> Int { try run(sql).changes }

    func afterCommit(_ action: @escaping @Sendable () -> Void) { commitActions.append(action) }

    /// Makes the changes durable. When the connection is lost on the way, nobody knows whether they are.
    func commit() throws(PostgreSQLFailure) {
        if let failure { throw failure }
        if hasBegun { _ = try connection.run(.commit) }
    }

    private func run(_ sql: SQL) throws(DatabaseError) -> (rows: [Row], changes: Int) {
        if let failure { throw failure.error }
        let steps = (hasBegun ? [] : [PostgreSQLStep.begin]) + [PostgreSQLStep(sql)]
        hasBegun = true
        do throws(PostgreSQLFailure) {
            return try connection.run(steps)
        } catch {
            failure = error
            throw error.error
        }
    }
}
