import Glibc
import Kernel
import Synchronization
import Telemetry

/// The one thread that writes. Transactions that wait together are committed together, each in a savepoint of its
/// own, so that 64 callers share one fsync and a failing one hurts no other.
final class SQLiteWriter: Sendable {
    private struct Line {
        var members: [any SQLiteMember] = []
        var isSleeping = false
        var isClosing = false
        var isOver = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private let line = Mutex(Line())
    private let wake = Semaphore()
    private let limit: Int
    private let commits: Histogram
    /// One commit carries at most so many, so that the first of a flood does not wait for the last.
    private let groupLimit = 512

    /// - Parameters:
    ///   - connection: Used by this writer's thread alone from now on.
    ///   - limit: Transactions that may wait.
    ///   - metrics: Where the size of the groups is recorded.
    init(_ connection: SQLiteConnection, limit: Int, metrics: Metrics) {
        self.limit = limit
        commits = metrics.histogram(
            "database_commit_members",
            "Transactions that one commit carried.",
            buckets: [1, 2, 4, 8, 16, 32, 64, 128],
        )
        startThread(name: "sqlite-writer") { self.work(connection) }
    }

    /// Lines a transaction up; its caller is resumed after the commit.
    ///
    /// - Throws: ``DatabaseError/overloaded`` when the line is full, ``DatabaseError/closed`` after ``close()``.
    func submit(_ member: any SQLiteMember) throws(DatabaseError) {
        let refusal = line.withLock { line -> DatabaseError? in
            if line.isClosing { return .closed }
            if line.members.count >= limit { return .overloaded }
            line.members.append(member)
            wakeIfNeeded(&line)
            return nil
        }
        if let refusal { throw refusal }
    }

    /// Transactions that wait for the thread now.
    var waiting: Int { line.withLock { $0.members.count } }

    /// Writes what waits, then ends the thread and closes its connection.
    func close() async {
        await withCheckedContinuation { continuation in
            let isOver = line.withLock { line in
                if line.isOver { return true }
                line.isClosing = true
                line.closers.append(continuation)
                wakeIfNeeded(&line)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    /// Writes what waits, then ends the thread; nobody waits for it.
    func abandon() {
        line.withLock { line in
            line.isClosing = true
            wakeIfNeeded(&line)
        }
    }

    private func wakeIfNeeded(_ line: inout Line) {
        guard line.isSleeping else { return }
        line.isSleeping = false
        wake.signal()
    }

    private func work(_ connection: consuming SQLiteConnection) {
        var group = 0
        while let members = next(after: group) {
            group = members.count
            commit(members, on: connection)
        }
        _ = consume connection
        let closers = line.withLock { line in
            let closers = line.closers
            line.closers = []
            line.isOver = true
            return closers
        }
        for closer in closers { closer.resume() }
    }

    /// Sleeps until something waits; `nil` when the writer is closing and nothing does.
    private func next(after group: Int) -> [any SQLiteMember]? {
        while true {
            let (isEmpty, isClosing) = line.withLock { line in
                line.isSleeping = line.members.isEmpty && !line.isClosing
                return (line.members.isEmpty, line.isClosing)
            }
            if !isEmpty { break }
            if isClosing { return nil }
            wake.wait()
        }
        gather(group)
        return line.withLock { line in
            let members = Array(line.members.prefix(groupLimit))
            line.members.removeFirst(members.count)
            return members
        }
    }

    /// Lets the callers of the last group come back, until nobody came for a moment. They come almost together; without
    /// this the first would have the next commit, and its sync, for itself.
    private func gather(_ expected: Int) {
        var seen = waiting
        var quiet = 0
        while seen < expected, quiet < 4 {
            usleep(50)
            let now = waiting
            quiet = now > seen ? 0 : quiet + 1
            seen = now
        }
    }

    private func commit(_ members: [any SQLiteMember], on connection: SQLiteConnection) {
        if members.count == 1 || !commitTogether(members, on: connection) {
            for member in members { commitAlone(member, on: connection) }
        }
        for member in members { member.finish() }
    }

    /// - Returns: Whether the group is committed; if not, nothing of it is.
    private func commitTogether(_ members: [any SQLiteMember], on connection: SQLiteConnection) -> Bool {
        do throws(DatabaseError) {
            try connection.run("BEGIN IMMEDIATE")
            for member in members {
                guard try attempt(member, on: connection) else {
                    rollBack(connection)
                    return false
                }
            }
            try connection.run("COMMIT")
            commits.observe(Double(members.count))
            return true
        } catch {
            rollBack(connection)
            return false
        }
    }

    /// Runs one member in its savepoint.
    ///
    /// - Returns: Whether the transaction still stands, whatever became of the member.
    private func attempt(_ member: any SQLiteMember, on connection: SQLiteConnection) throws(DatabaseError) -> Bool {
        try connection.run("SAVEPOINT member")
        let transaction = SQLiteTransaction(connection)
        let error = member.attempt(in: transaction)
        if transaction.failure?.endsSQLiteGroup == true || connection.isIdle { return false }
        if error != nil { try connection.run("ROLLBACK TO member") }
        try connection.run("RELEASE member")
        return true
    }

    private func commitAlone(_ member: any SQLiteMember, on connection: SQLiteConnection) {
        do throws(DatabaseError) {
            try connection.run("BEGIN IMMEDIATE")
            let error = member.attempt(in: SQLiteTransaction(connection))
            guard error == nil else { return rollBack(connection) }
            try connection.run("COMMIT")
            commits.observe(1)
        } catch {
            rollBack(connection)
            member.fail(error)
        }
    }

    private func rollBack(_ connection: SQLiteConnection) {
        guard !connection.isIdle else { return }
        // When even this fails the connection is lost with the disk: the next BEGIN says so to its caller.
        try? connection.run("ROLLBACK")
    }
}
