import Kernel
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Database

/// What happens to callers when connections, statements or the server fail.
@Suite(.timeLimit(.minutes(5))) struct PostgreSQLFaultTests {
    @Test(
        "after a restart of the server everything works at once, and subscribers know that they may have missed something"
    )
    func restart() async throws {
        let server = try await PostgreSQLServer.start()
        let place = try await PostgreSQLPlace(server)
        let (database, hearing) = (try await place.open(), try await place.open())
        try await database.execute(pictureTable)
        _ = try await database.lookup("SELECT id FROM picture WHERE id = 'a'")
        var heard = hearing.announcements("news").makeAsyncIterator()
        #expect(await heard.next() == .missed)
        try await server.restart()
        #expect(try await database.execute("INSERT INTO picture VALUES ('a', 'A', 1, NULL)") == 1)
        #expect(try await database.query("SELECT id FROM picture").count == 1)
        #expect(try await database.lookup("SELECT id FROM picture WHERE id = 'a'") != nil)
        #expect(try await database.transaction { try $0.execute("DELETE FROM picture") } == 1)
        #expect(await heard.next() == .missed)
        await database.close()
        await hearing.close()
    }

    @Test("a body whose connection dies before the commit runs once more")
    func lostBeforeCommit() async throws {
        let test = try await DatabaseBackend.postgresql.make()
        try await test.database.execute(pictureTable)
        let runs = Recorder<Int>()
        try await test.database.transaction { transaction in
            runs.add(1)
            try transaction.execute("INSERT INTO picture VALUES ('a', 'A', 1, NULL)")
            if runs.all.count == 1 { _ = try transaction.query("SELECT pg_terminate_backend(pg_backend_pid())") }
        }
        #expect(runs.all.count == 2)
        #expect(try await test.database.query("SELECT id FROM picture").count == 1)
    }

    @Test("a connection that dies during the commit is no reason to run the body again: nobody knows what became of it")
    func lostInCommit() async throws {
        let test = try await DatabaseBackend.postgresql.make()
        try await test.database.execute(pictureTable)
        try await test.database.execute(
            """
            CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$
            """
        )
        try await test.database.execute(
            """
            CREATE CONSTRAINT TRIGGER dies AFTER INSERT ON picture DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION die()
            """
        )
        let runs = Recorder<String>()
        let error = await #expect(throws: DatabaseError.self) {
            try await test.database.transaction { transaction in
                runs.add("body")
                transaction.afterCommit { runs.add("committed") }
                try transaction.execute("INSERT INTO picture VALUES ('a', 'A', 1, NULL)")
            }
        }
        guard case .unknownOutcome = error else { return #expect(Bool(false), "got \(String(describing: error))") }
        #expect(error?.status == 503 && error?.isOutage == true)
        #expect(runs.all == ["body"])
        #expect(try await test.database.query("SELECT id FROM picture").isEmpty)
    }

    @Test("a body that stood still until the server hung up runs once more")
    func stoodStill() async throws {
        let place = try await PostgreSQLPlace(.shared())
        let watching = try await place.open()
        let settings = PostgreSQLSettings(connections: 1, statementTimeout: .milliseconds(500))
        let database = try await place.open(settings)
        let (standing, end, sessions) = (Gate(), Semaphore(), Recorder<Int>())
        async let done = database.transaction { transaction in
            sessions.add(try #require(try transaction.first("SELECT pg_backend_pid() AS pid")).get("pid"))
            if sessions.all.count == 1 {
                standing.open()
                end.wait()
            }
            return try transaction.query("SELECT 1 AS one").count
        }
        await standing.pass()
        let session = sessions.all[0]
        while try await !watching.query("SELECT pid FROM pg_stat_activity WHERE pid = \(session)").isEmpty {
            await Task.yield()
        }
        end.signal()
        #expect(try await done == 1)
        #expect(sessions.all.count == 2)
        await database.close()
        await watching.close()
    }

    @Test("two bodies that wait for each other's rows are both done in the end")
    func deadlock() async throws {
        let test = try await DatabaseBackend.postgresql.make()
        try await test.database.execute("CREATE TABLE t (id TEXT PRIMARY KEY, n BIGINT NOT NULL)")
        try await test.database.execute("INSERT INTO t VALUES ('a', 0), ('b', 0)")
        let (mine, theirs) = (Semaphore(), Semaphore())
        let runs = Recorder<String>()
        @Sendable func update(_ order: [String], own: Semaphore, other: Semaphore) async throws {
            try await test.database.transaction { transaction in
                let isFirst = !runs.all.contains(order[0])
                runs.add(order[0])
                try transaction.execute("UPDATE t SET n = n + 1 WHERE id = \(order[0])")
                own.signal()
                if isFirst { other.wait() }
                try transaction.execute("UPDATE t SET n = n + 1 WHERE id = \(order[1])")
            }
        }
        async let one: Void = update(["a", "b"], own: mine, other: theirs)
        async let two: Void = update(["b", "a"], own: theirs, other: mine)
        _ = try await (one, two)
        // The loser, done again, may lose once more.
        #expect(runs.all.count >= 3)
        #expect(try await test.database.lookup("SELECT SUM(n) AS n FROM t")?.get("n") == 4)
    }

    @Test("when every connection is busy, callers wait for so long and so many")
    func overloaded() async throws {
        let place = try await PostgreSQLPlace(.shared())
        let settings = PostgreSQLSettings(connections: 1, waiting: 1, acquireTimeout: .milliseconds(50))
        let database = try await place.open(settings)
        let (begun, end) = (Gate(), Semaphore())
        async let busy: Void = database.transaction { _ in
            begun.open()
            end.wait()
        }
        await begun.pass()
        // One waits until its time is over; while it waits, the next is refused at once.
        await withTaskGroup(of: DatabaseError?.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    do throws(DatabaseError) { _ = try await database.query("SELECT 1 AS one") } catch { return error }
                    return nil
                }
            }
            for await error in group { #expect(error == .overloaded) }
        }
        end.signal()
        try await busy
        #expect(try await database.query("SELECT 1 AS one").count == 1)
        await database.close()
    }

    @Test("whoever waits behind one that was lined up a moment ago is refused in time too")
    func overdueBehindTheNewest() async throws {
        let settings = PostgreSQLSettings(connections: 1, acquireTimeout: .milliseconds(1))
        let target = try PostgreSQLTarget(Secret("postgresql://127.0.0.1/none"), settings)
        let metrics = Metrics()
        let pool = PostgreSQLPool(target, PostgreSQLBackOff(metrics: metrics, log: .silent), metrics: metrics)
        // Both are lined up before the thread has begun the first, most times at least.
        for _ in 0..<50 {
            let (end, first, second) = (Semaphore(), Gate(), OneShot<Result<Void, any Error>>())
            // The limit only ends a test that fails.
            try pool.submit(PostgreSQLCall({ _ in end.wait(atMost: .seconds(5)) }, caller: { _ in first.open() }))
            try pool.submit(PostgreSQLCall({ _ in }, caller: { second.fulfil($0) }))
            let result = await second.wait()
            end.signal()
            await first.pass()
            try #require(throws: DatabaseError.overloaded) { try result.get() }
        }
        await pool.close()
    }

    @Test("a statement that takes too long is ended by the server")
    func statementTimeout() async throws {
        let place = try await PostgreSQLPlace(.shared())
        let database = try await place.open(PostgreSQLSettings(connections: 1, statementTimeout: .milliseconds(100)))
        await #expect(throws: DatabaseError.busy) { try await database.query("SELECT pg_sleep(100)") }
        #expect(try await database.query("SELECT 1 AS one").count == 1)
        await database.close()
    }

    @Test("one failing point read hurts none that travels with it")
    func batches() async throws {
        let test = try await DatabaseBackend.postgresql.make()
        try await test.database.execute(pictureTable)
        try await test.database.execute("INSERT INTO picture VALUES ('a', 'A', 1, NULL)")
        let good = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    if number % 10 == 0 {
                        do { _ = try await test.database.lookup("SELECT 1 / (\(number) - \(number)) AS n") } catch {
                            return false
                        }
                    }
                    return try await test.database.lookup("SELECT title FROM picture WHERE id = 'a'") != nil
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(good == 180)
    }

    static let wrong = [
        "postgresql://me:pass%2Dword@127.0.0.1:1/x", "postgresql://me:pass-word@127.0.0.1:99999/x",
        "http://me:pass-word@x",
        "postgresql:///x?host=/nowhere&password=pass-word&user=me",
    ]

    @Test("an address that leads nowhere is an error that keeps the password to itself", arguments: wrong)
    func unreachable(url: String) async throws {
        let error = await #expect(throws: DatabaseError.self) {
            try await PostgreSQLDatabase.open(url: Secret(url), metrics: Metrics(), log: .silent)
        }
        #expect(error?.status == 503)
        #expect(!"\(String(describing: error))".contains("pass"))
    }

    @Test("a server that is a standby is told from a statement that is wrong", arguments: [false, true])
    func standby(wasPrepared: Bool) {
        let failure = PostgreSQLFailure.server(
            "0A000",
            detail: "cannot set transaction read-write mode during recovery",
            sql: "BEGIN READ WRITE",
            wasPrepared: wasPrepared,
        )
        #expect(failure.error == .readOnly)
    }

    @Test("a closed database says so")
    func closed() async throws {
        let test = try await DatabaseBackend.postgresql.make()
        await test.database.close()
        await #expect(throws: DatabaseError.closed) { try await test.database.query("SELECT 1") }
        await #expect(throws: DatabaseError.closed) { try await test.database.lookup("SELECT 1") }
        await #expect(throws: DatabaseError.closed) { try await test.database.execute("SELECT 1") }
    }

    @Test("of several processes that start at once each step runs in one")
    func migrations() async throws {
        let place = try await PostgreSQLPlace(.shared())
        let applied = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    let database = try await place.open()
                    let applied = try await migrate(database, MigrationContract.steps)
                    await database.close()
                    return applied.count
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(applied == 4)
    }
}
