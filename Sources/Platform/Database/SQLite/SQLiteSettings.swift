/// How a SQLite file is opened.
package struct SQLiteSettings: Sendable {
    /// When a commit counts as done. `full` is what everything acknowledged needs; `off` is for tests only.
    package enum Synchronous: String, Sendable {
        case full = "FULL"
        case off = "OFF"
    }

    /// Threads for queries that may scan; point reads run on their caller.
    package var readers: Int
    /// Queries that may wait for such a thread; more are refused as ``DatabaseError/overloaded``.
    package var waitingQueries: Int
    /// Transactions that may wait for the writer; more are refused as ``DatabaseError/overloaded``.
    package var waitingTransactions: Int
    /// How long a statement waits for a lock that another process holds.
    package var busyTimeout: Duration
    package var synchronous: Synchronous
    /// Pages of 4 KiB the file may have, or `nil` for as many as the disk takes. For tests of a full disk.
    package var maximumPages: Int?

    package init(
        readers: Int = 2,
        waitingQueries: Int = 10_000,
        waitingTransactions: Int = 10_000,
        busyTimeout: Duration = .seconds(5),
        synchronous: Synchronous = .full,
        maximumPages: Int? = nil,
    ) {
        self.readers = readers
        self.waitingQueries = waitingQueries
        self.waitingTransactions = waitingTransactions
        self.busyTimeout = busyTimeout
        self.synchronous = synchronous
        self.maximumPages = maximumPages
    }
}
