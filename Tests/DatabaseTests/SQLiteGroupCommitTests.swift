import Kernel
import Telemetry
import TestSupport
import Testing

@testable import Database

/// How the writer of SQLite carries many transactions in one commit.
@Suite(.timeLimit(.minutes(5))) struct SQLiteGroupCommitTests {
    private let folder: TemporaryFolder
    private let metrics = Metrics()
    private let database: SQLiteDatabase

    init() throws {
        folder = try TemporaryFolder()
        database = try Self.open(folder, metrics, pages: nil)
    }

    private static func open(_ folder: TemporaryFolder, _ metrics: Metrics, pages: Int?) throws -> SQLiteDatabase {
        try SQLiteDatabase.open(
            path: folder.path + "/test.db",
            settings: SQLiteSettings(synchronous: .off, maximumPages: pages),
            metrics: metrics,
            log: .silent,
        )
    }

    /// Holds the writer until `release` is signalled, so that what is submitted meanwhile waits together.
    private func occupy(_ database: SQLiteDatabase, until release: Semaphore) async -> Task<Void, any Error> {
        let begun = Gate()
        let task = Task {
            try await database.transaction { _ in
                begun.open()
                release.wait()
            }
        }
        await begun.pass()
        return task
    }

    /// Submits `bodies` while the writer is held, and returns what became of each.
    private func together(
        _ database: SQLiteDatabase,
        _ bodies: [@Sendable (any Transaction) throws -> Void],
    ) async throws -> [Result<Void, any Error>] {
        let release = Semaphore()
        let holder = await occupy(database, until: release)
        let waiting = database.waitingTransactions
        let tasks = bodies.map { body in Task { try await database.transaction(body) } }
        while database.waitingTransactions < waiting + bodies.count { await Task.yield() }
        release.signal()
        try await holder.value
        var results: [Result<Void, any Error>] = []
        for task in tasks { results.append(await task.result) }
        return results
    }

    @Test("transactions that wait together are carried by one commit")
    func oneCommit() async throws {
        try await database.execute(pictureTable)
        let before = commits
        let results = try await together(
            database,
            (0..<40).map { number in { try $0.execute("INSERT INTO picture VALUES (\("p\(number)"), 'A', 1, NULL)") } },
        )
        #expect(results.allSatisfy { (try? $0.get()) != nil })
        #expect(commits == before + 2)
        #expect(try await count("picture") == 40)
    }

    @Test("a member that fails, by itself or by its statement, harms no other")
    func failingMember() async throws {
        struct Stop: Error {}
        try await database.execute(pictureTable)
        try await database.execute("INSERT INTO picture VALUES ('taken', 'A', 1, NULL)")
        let before = commits
        let results = try await together(
            database,
            (0..<30).map { number in
                { transaction in
                    try transaction.execute("INSERT INTO picture VALUES (\("p\(number)"), 'A', 1, NULL)")
                    if number % 3 == 1 { throw Stop() }
                    if number % 3 == 2 { try transaction.execute("INSERT INTO picture VALUES ('taken', '', 1, NULL)") }
                }
            },
        )
        for (number, result) in results.enumerated() {
            switch number % 3 {
            case 0: #expect(throws: Never.self) { try result.get() }
            case 1: #expect(throws: Stop.self) { try result.get() }
            default: #expect(throws: DatabaseError.self) { try result.get() }
            }
        }
        #expect(commits == before + 2)
        #expect(try await count("picture") == 11)
    }

    @Test("when the disk fills up, members run again alone: those that fit are kept, the others get diskFull")
    func diskFull() async throws {
        let folder = try TemporaryFolder()
        let small = try Self.open(folder, metrics, pages: 64)
        try await small.execute("CREATE TABLE t (n BIGINT, b BYTEA)")
        let results = try await together(
            small,
            (0..<20).map { number in
                { transaction in
                    // The tenth needs more than the file may hold; the others are small.
                    let bytes = [UInt8](repeating: 1, count: number == 10 ? 1 << 20 : 100)
                    try transaction.execute("INSERT INTO t VALUES (\(number), \(bytes))")
                }
            },
        )
        for (number, result) in results.enumerated() {
            if number == 10 {
                #expect(throws: DatabaseError.diskFull) { try result.get() }
            } else {
                #expect(throws: Never.self) { try result.get() }
            }
        }
        let kept = try await small.query("SELECT n FROM t ORDER BY n").map { try $0.get("n", as: Int.self) }
        #expect(kept == Array(0..<10) + Array(11..<20))
        #expect(try await small.integrityProblems().isEmpty)
        await small.close()
    }

    @Test("after a full disk the database goes on when there is room again")
    func recovers() async throws {
        let folder = try TemporaryFolder()
        let small = try Self.open(folder, metrics, pages: 64)
        try await small.execute("CREATE TABLE t (b BYTEA)")
        await #expect(throws: DatabaseError.diskFull) {
            try await small.execute("INSERT INTO t VALUES (\([UInt8](repeating: 1, count: 1 << 20)))")
        }
        try await small.execute("INSERT INTO t VALUES (\([UInt8](repeating: 1, count: 1000)))")
        #expect(try await small.first("SELECT COUNT(*) AS n FROM t")?.get("n") == 1)
        await small.close()
    }

    @Test("actions for after the commit run once, though a member ran twice")
    func actionsOnce() async throws {
        let folder = try TemporaryFolder()
        let small = try Self.open(folder, metrics, pages: 64)
        try await small.execute("CREATE TABLE t (n BIGINT, b BYTEA)")
        let (ran, after) = (Recorder<Int>(), Recorder<Int>())
        _ = try await together(
            small,
            (0..<5).map { number in
                { transaction in
                    ran.add(number)
                    transaction.afterCommit { after.add(number) }
                    let bytes = [UInt8](repeating: 1, count: number == 3 ? 1 << 20 : 10)
                    try transaction.execute("INSERT INTO t VALUES (\(number), \(bytes))")
                }
            },
        )
        #expect(ran.all.count > 5)
        // Alone, in the order of the line; the one that does not fit leaves none.
        #expect(after.all == ran.all.suffix(5).filter { $0 != 3 } && after.all.sorted() == [0, 1, 2, 4])
        await small.close()
    }

    @Test("a full line refuses at once, and closing writes what waits")
    func bounded() async throws {
        let folder = try TemporaryFolder()
        let narrow = try SQLiteDatabase.open(
            path: folder.path + "/test.db",
            settings: SQLiteSettings(waitingTransactions: 3, synchronous: .off),
            metrics: metrics,
            log: .silent,
        )
        try await narrow.execute("CREATE TABLE t (n BIGINT)")
        let release = Semaphore()
        let holder = await occupy(narrow, until: release)
        let waiting = (0..<3).map { number in Task { try await narrow.execute("INSERT INTO t VALUES (\(number))") } }
        while narrow.waitingTransactions < 3 { await Task.yield() }
        let error = await #expect(throws: DatabaseError.self) { try await narrow.execute("INSERT INTO t VALUES (9)") }
        #expect(error == .overloaded)
        #expect(error?.status == 503)
        async let closed: Void = narrow.close()
        release.signal()
        await closed
        try await holder.value
        for task in waiting { #expect(try await task.value == 1) }
        await #expect(throws: DatabaseError.closed) { try await narrow.execute("INSERT INTO t VALUES (9)") }
        let again = try Self.open(folder, metrics, pages: nil)
        #expect(try await again.first("SELECT COUNT(*) AS n FROM t")?.get("n") == 3)
    }

    @Test("readers never see what is not committed")
    func isolation() async throws {
        try await database.execute("CREATE TABLE t (n BIGINT NOT NULL)")
        try await database.execute("INSERT INTO t VALUES (0)")
        let (written, release) = (Gate(), Semaphore())
        let task = Task {
            try await database.transaction { transaction in
                try transaction.execute("UPDATE t SET n = 1")
                written.open()
                release.wait()
            }
        }
        await written.pass()
        #expect(try await database.lookup("SELECT n FROM t")?.get("n") == 0)
        #expect(try await database.first("SELECT n FROM t")?.get("n") == 0)
        release.signal()
        try await task.value
        #expect(try await database.lookup("SELECT n FROM t")?.get("n") == 1)
    }

    @Test("a sum that every transaction keeps is right in every read")
    func consistentReads() async throws {
        try await database.execute("CREATE TABLE account (id BIGINT PRIMARY KEY, money BIGINT NOT NULL)")
        try await database.execute("INSERT INTO account VALUES (1, 500), (2, 500)")
        try await withThrowingTaskGroup { [database] group in
            for amount in 1...50 {
                group.addTask {
                    try await database.transaction { transaction in
                        try transaction.execute("UPDATE account SET money = money - \(amount) WHERE id = 1")
                        try transaction.execute("UPDATE account SET money = money + \(amount) WHERE id = 2")
                    }
                }
                group.addTask {
                    let sum = try await database.first("SELECT SUM(money) AS sum FROM account")
                    #expect(try sum?.get("sum") == 1000)
                }
            }
            try await group.waitForAll()
        }
    }

    private var commits: Int {
        metrics.histogram("database_commit_members", "", buckets: []).count()
    }

    private func count(_ table: String) async throws -> Int {
        try await database.first("SELECT COUNT(*) AS n FROM \(identifier: table)")?.get("n") ?? 0
    }
}
