/// How a PostgreSQL database is reached and how much may wait for it.
package struct PostgreSQLSettings: Sendable {
    /// Connections for queries and transactions, each with a thread of its own. Point reads have one more, and so have
    /// announcements: a process holds at most two more than this.
    package var connections: Int
    /// Queries and transactions that may wait for a connection, and point reads that may wait for theirs; more are
    /// refused as ``DatabaseError/overloaded``.
    package var waiting: Int
    /// How long one waits for a free connection before it is refused as ``DatabaseError/overloaded``.
    package var acquireTimeout: Duration
    /// How long an attempt to connect may take; whole seconds, at least 2.
    package var connectTimeout: Duration
    /// How long one statement may run; the server ends it, and the caller gets ``DatabaseError/busy``.
    package var statementTimeout: Duration
    /// How long one statement may wait for a lock; then the caller gets ``DatabaseError/busy``.
    package var lockTimeout: Duration
    /// How long a dead peer or network goes unnoticed.
    package var networkTimeout: Duration

    package init(
        connections: Int = 10,
        waiting: Int = 10_000,
        acquireTimeout: Duration = .seconds(10),
        connectTimeout: Duration = .seconds(5),
        statementTimeout: Duration = .seconds(30),
        lockTimeout: Duration = .seconds(10),
        networkTimeout: Duration = .seconds(15),
    ) {
        self.connections = connections
        self.waiting = waiting
        self.acquireTimeout = acquireTimeout
        self.connectTimeout = connectTimeout
        self.statementTimeout = statementTimeout
        self.lockTimeout = lockTimeout
        self.networkTimeout = networkTimeout
    }
}
