import Synchronization

/// Notices commits of other connections. `PRAGMA data_version` only means something on one and the same connection,
/// so this keeps one for itself.
final class SQLiteChangeWatch: Sendable {
    private let connection: Mutex<SQLiteConnection?>

    init(_ connection: SQLiteConnection) { self.connection = Mutex(connection) }

    func counter() throws(DatabaseError) -> Int64 {
        let result = connection.withLock { connection -> Result<[Row], DatabaseError> in
            guard let connection else { return .failure(.closed) }
            return Result { () throws(DatabaseError) in try connection.rows("PRAGMA data_version") }
        }
        return try result.get().first?.get("data_version") ?? 0
    }

    func close() { connection.withLock { $0 = nil } }
}
