import Synchronization

/// Read-only connections, lent to one caller at a time. Nobody ever waits for one: when all are lent, another is
/// opened, and at most as many are ever lent as threads read at once.
final class SQLiteReaders: Sendable {
    private struct Idle {
        var connections: [SQLiteConnection] = []
        var isClosed = false
    }

    private let path: String
    private let settings: SQLiteSettings
    private let kept: Int
    private let idle = Mutex(Idle())

    /// - Parameters:
    ///   - path: The file.
    ///   - settings: How each connection is opened.
    ///   - kept: Connections that stay open when nobody reads.
    init(path: String, settings: SQLiteSettings, kept: Int) {
        self.path = path
        self.settings = settings
        self.kept = kept
    }

    /// Runs `body` with a connection on the calling thread.
    func lend<Value>(_ body: (SQLiteConnection) throws(DatabaseError) -> Value) throws(DatabaseError) -> Value {
        let connection = try take()
        defer { giveBack(connection) }
        return try body(connection)
    }

    /// Refuses further readers; what is lent is closed when it comes back.
    func close() {
        let connections = idle.withLock { idle in
            idle.isClosed = true
            let connections = idle.connections
            idle.connections = []
            return connections
        }
        _ = consume connections
    }

    private func take() throws(DatabaseError) -> SQLiteConnection {
        let (isClosed, connection) = idle.withLock { ($0.isClosed, $0.connections.popLast()) }
        if isClosed { throw .closed }
        if let connection { return connection }
        return try SQLiteConnection.open(path, .reading, settings)
    }

    private func giveBack(_ connection: SQLiteConnection) {
        idle.withLock { idle in
            guard !idle.isClosed, idle.connections.count < kept else { return }
            idle.connections.append(connection)
        }
    }
}
