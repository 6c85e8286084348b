import Database
import Kernel
import Telemetry
import TestSupport
import Testing

/// What every engine promises.
@Suite(.timeLimit(.minutes(5))) struct DatabaseContract {
    @Test("values come back as they went in", arguments: DatabaseBackend.allCases)
    func roundTrip(backend: DatabaseBackend) async throws {
        let test = try await backend.make()
        try await test.database.execute(
            "CREATE TABLE t (id TEXT, n BIGINT, d DOUBLE PRECISION, b BYTEA, j TEXT, at BIGINT, flag BIGINT)"
        )
        let id = ID<Picture>()
        let (bytes, moment) = ([UInt8](0...255), Timestamp(milliseconds: 1_700_000_000_123))
        let json: JSON = ["a": ["ü", nil]]
        try await test.database.execute(
            "INSERT INTO t VALUES (\(id), \(Int64.max), \(0.1), \(bytes), \(json), \(moment), \(true))"
        )
        let row = try #require(try await test.database.lookup("SELECT * FROM t WHERE id = \(id)"))
        #expect(try row.get("id") == id)
        #expect(try row.get("n") == Int64.max)
        #expect(try row.get("d") == 0.1)
        #expect(try row.get("b") == bytes)
        #expect(try row.get("j") == json)
        #expect(try row.get("at") == moment)
        #expect(try row.get("flag") == true)
    }

    @Test(
        "an empty text and empty bytes are not NULL, and text keeps quotes",
        arguments: DatabaseBackend.allCases,
    )
    func edges(backend: DatabaseBackend) async throws {
        let test = try await backend.make()
        try await test.database.execute("CREATE TABLE t (a TEXT NOT NULL, b BYTEA NOT NULL, c TEXT)")
        let hostile = "'); DROP TABLE t; -- \" \u{1F600}"
        try await test.database.execute("INSERT INTO t VALUES (\(""), \([UInt8]()), \(hostile))")
        let row = try #require(try await test.database.query("SELECT a, b, c FROM t").first)
        #expect(try row.get("a") == "")
        #expect(try row.get("b") == [UInt8]())
        #expect(try row.get("c") == hostile)
    }

    @Test("a text with a NUL character is the client's mistake, on both engines", arguments: DatabaseBackend.allCases)
    func nul(backend: DatabaseBackend) async throws {
        let test = try await backend.make()
        try await test.database.execute(pictureTable)
        let error = await #expect(throws: DatabaseError.self) {
            try await test.database.execute("INSERT INTO picture VALUES (\("a\0b"), 'A', 1, NULL)")
        }
        #expect((error?.status, error?.isPermanent) == (422, true))
        await #expect(throws: DatabaseError.unstorableText) {
            try await test.database.lookup("SELECT id FROM picture WHERE id = \("a\0b")")
        }
        await #expect(throws: DatabaseError.unstorableText) {
            try await test.database.query("SELECT id FROM \(identifier: "picture\0; x")")
        }
        try await test.database.transaction { _ = try $0.execute("INSERT INTO picture VALUES ('ab', 'A', 1, NULL)") }
        #expect(try await count(test) == 1)
    }

    @Test("sums, averages, counts and truth come back as numbers", arguments: DatabaseBackend.allCases)
    func numbers(backend: DatabaseBackend) async throws {
        let test = try await backend.make()
        try await test.database.execute("CREATE TABLE t (n BIGINT, d DOUBLE PRECISION)")
        try await test.database.execute(
            "INSERT INTO t VALUES (\(Int64.max - 5), 0.5), (\(5), \(-1.25)), (\(Int64?.none), \(Double?.none))"
        )
        let row = try #require(
            try await test.database.first("SELECT SUM(n) AS s, AVG(d) AS a, COUNT(*) AS c, MIN(n) AS m FROM t")
        )
        #expect(try row.get("s") == Int64.max)
        #expect(try row.get("a") == -0.375)
        #expect(try row.get("c") == 3)
        #expect(try row.get("m") == 5)
        try await test.database.execute("INSERT INTO t VALUES (\(Int64.min), NULL)")
        #expect(try await test.database.lookup("SELECT MIN(n) AS n FROM t")?.get("n") == Int64.min)
    }

    @Test("execute returns how many rows changed", arguments: DatabaseBackend.allCases)
    func counts(backend: DatabaseBackend) async throws {
        let test = try await backend.make()
        #expect(try await test.database.execute(pictureTable) == 0)
        let inserted = try await test.database.execute(
            "INSERT INTO picture VALUES ('a', 'A', 1, NULL), ('b', 'B', 2, NULL)"
        )
        #expect(inserted == 2)
        #expect(try await test.database.execute("UPDATE picture SET note = 'x' WHERE id = \("none")") == 0)
        #expect(try await test.database.execute("DELETE FROM picture") == 2)
    }

    @Test("a transaction that throws keeps nothing and gives its own error", arguments: DatabaseBackend.allCases)
    func rollsBack(backend: DatabaseBackend) async throws {
        struct Stop: Error {}
        let test = try await backend.make()
        try await test.database.execute(pictureTable)
        await #expect(throws: Stop.self) {
            try await test.database.transaction { transaction in
                try transaction.execute("INSERT INTO picture VALUES ('a', 'A', 1, NULL)")
                throw Stop()
            }
        }
        #expect(try await count(test) == 0)
    }

    @Test("a transaction sees what it wrote, also through RETURNING", arguments: DatabaseBackend.allCases)
    func returning(backend: DatabaseBackend) async throws {
        let test = try await backend.make()
        try await test.database.execute(pictureTable)
        let titles = try await test.database.transaction { transaction in
            try transaction.execute("INSERT INTO picture VALUES ('a', 'A', 1, NULL)")
            let rows = try transaction.query("UPDATE picture SET title = 'B' WHERE id = 'a' RETURNING title")
            return try rows.map { try $0.get("title", as: String.self) }
        }
        #expect(titles == ["B"])
    }

    static let constraints: [(SQL, DatabaseError.Constraint)] = [
        ("INSERT INTO picture VALUES ('a', 'A', 1, NULL)", .unique),
        ("INSERT INTO picture VALUES ('b', 'A', 0, NULL)", .check),
        ("INSERT INTO picture VALUES ('b', NULL, 1, NULL)", .notNull),
        ("INSERT INTO comment VALUES ('nobody')", .foreignKey),
    ]

    @Test("a broken rule says which kind", arguments: DatabaseBackend.allCases, constraints)
    func constraint(backend: DatabaseBackend, example: (sql: SQL, kind: DatabaseError.Constraint)) async throws {
        let test = try await backend.make()
        try await test.database.execute(pictureTable)
        try await test.database.execute("CREATE TABLE comment (picture TEXT NOT NULL REFERENCES picture (id))")
        try await test.database.execute("INSERT INTO picture VALUES ('a', 'A', 1, NULL)")
        let error = await #expect(throws: DatabaseError.self) { try await test.database.execute(example.sql) }
        guard case .constraint(let kind, _) = error else {
            return #expect(Bool(false), "got \(String(describing: error))")
        }
        #expect(kind == example.kind)
        #expect(error?.message.contains("picture") == false)
    }

    @Test(
        "after a failed statement the transaction is lost, even when the body hides it",
        arguments: DatabaseBackend.allCases,
    )
    func lostAfterFailure(backend: DatabaseBackend) async throws {
        let test = try await backend.make()
        try await test.database.execute(pictureTable)
        await #expect(throws: DatabaseError.self) {
            try await test.database.transaction { transaction in
                try transaction.execute("INSERT INTO picture VALUES ('a', 'A', 1, NULL)")
                _ = try? transaction.execute("INSERT INTO picture VALUES ('a', 'A', 1, NULL)")
            }
        }
        #expect(try await count(test) == 0)
    }

    @Test("a query cannot write", arguments: DatabaseBackend.allCases)
    func queryIsReadOnly(backend: DatabaseBackend) async throws {
        let test = try await backend.make()
        try await test.database.execute(pictureTable)
        await #expect(throws: DatabaseError.readOnly) {
            try await test.database.query("INSERT INTO picture VALUES ('a', 'A', 1, NULL) RETURNING id")
        }
        #expect(try await count(test) == 0)
    }

    @Test(
        "a wrong statement is our mistake, and its text stays out of the message",
        arguments: DatabaseBackend.allCases,
    )
    func wrongStatement(backend: DatabaseBackend) async throws {
        let test = try await backend.make()
        let error = await #expect(throws: DatabaseError.self) { try await test.database.query("SELEC secret_column") }
        #expect(error?.status == 500)
        #expect(error?.isPermanent == true)
        #expect(error?.message.contains("secret_column") == false)
    }

    @Test("two statements in one are refused", arguments: DatabaseBackend.allCases)
    func oneStatementOnly(backend: DatabaseBackend) async throws {
        let test = try await backend.make()
        try await test.database.execute(pictureTable)
        await #expect(throws: DatabaseError.self) {
            try await test.database.execute("DELETE FROM picture; DROP TABLE picture")
        }
        #expect(try await count(test) == 0)
    }

    @Test("a name in double quotes that is no column is an error, not a text", arguments: DatabaseBackend.allCases)
    func doubleQuotes(backend: DatabaseBackend) async throws {
        let test = try await backend.make()
        try await test.database.execute(pictureTable)
        await #expect(throws: DatabaseError.self) { try await test.database.query("SELECT \"titel\" FROM picture") }
    }

    @Test("a changed schema is seen by statements that were prepared before", arguments: DatabaseBackend.allCases)
    func changedSchema(backend: DatabaseBackend) async throws {
        let test = try await backend.make()
        try await test.database.execute("CREATE TABLE t (a BIGINT)")
        try await test.database.execute("INSERT INTO t VALUES (1)")
        #expect(try await test.database.query("SELECT * FROM t").first?.columns == ["a"])
        try await test.database.execute("ALTER TABLE t ADD COLUMN b BIGINT")
        #expect(try await test.database.query("SELECT * FROM t").first?.columns == ["a", "b"])
        #expect(try await test.database.lookup("SELECT * FROM t")?.columns == ["a", "b"])
    }

    @Test(
        "actions for after the commit run before the caller resumes, in order, and never without a commit",
        arguments: DatabaseBackend.allCases,
    )
    func afterCommit(backend: DatabaseBackend) async throws {
        struct Stop: Error {}
        let test = try await backend.make()
        try await test.database.execute(pictureTable)
        let seen = Recorder<String>()
        try await test.database.transaction { transaction in
            transaction.afterCommit { seen.add("first") }
            try transaction.execute("INSERT INTO picture VALUES ('a', 'A', 1, NULL)")
            transaction.afterCommit { seen.add("second") }
            seen.add("body")
        }
        seen.add("caller")
        try? await test.database.transaction { transaction in
            transaction.afterCommit { seen.add("never") }
            throw Stop()
        }
        #expect(seen.all == ["body", "first", "second", "caller"])
    }

    @Test("the body of a transaction knows the caller's request", arguments: DatabaseBackend.allCases)
    func requestID(backend: DatabaseBackend) async throws {
        let test = try await backend.make()
        let seen = try await RequestID.$current.withValue("r-1") {
            try await test.database.transaction { _ in RequestID.current }
        }
        #expect(seen == "r-1")
        #expect(try await test.database.transaction { _ in RequestID.current } == nil)
    }

    @Test("what was committed is seen by every later read", arguments: DatabaseBackend.allCases)
    func readsSeeCommits(backend: DatabaseBackend) async throws {
        let test = try await backend.make()
        try await test.database.execute(pictureTable)
        for number in 1...50 {
            try await test.database.execute("INSERT INTO picture VALUES (\("p\(number)"), 'A', 1, NULL)")
            #expect(try await test.database.lookup("SELECT 1 AS one FROM picture WHERE id = \("p\(number)")") != nil)
            #expect(try await count(test) == number)
        }
    }

    @Test("64 callers that write at once each get their own result", arguments: DatabaseBackend.allCases)
    func manyWriters(backend: DatabaseBackend) async throws {
        struct Odd: Error {}
        let test = try await backend.make()
        try await test.database.execute(pictureTable)
        try await test.database.execute("CREATE TABLE counter (n BIGINT NOT NULL)")
        try await test.database.execute("INSERT INTO counter VALUES (0)")
        try await test.database.execute("INSERT INTO picture VALUES ('taken', '', 1, '')")
        let failures = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<64 * 8 {
                group.addTask {
                    do {
                        try await test.database.transaction { transaction in
                            try transaction.execute("UPDATE counter SET n = n + 1")
                            try transaction.execute("INSERT INTO picture VALUES (\("p\(number)"), 'A', 1, NULL)")
                            if number % 4 == 1 { throw Odd() }
                            if number % 4 == 3 {
                                try transaction.execute("INSERT INTO picture VALUES ('taken', '', 1, '')")
                            }
                        }
                        return false
                    } catch is Odd { return true } catch is DatabaseError { return true }
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(failures == 256)
        #expect(try await count(test) == 257)
        #expect(try await test.database.lookup("SELECT n FROM counter")?.get("n") == 256)
    }

    @Test("explain names the index that a statement uses", arguments: DatabaseBackend.allCases)
    func explains(backend: DatabaseBackend) async throws {
        let test = try await backend.make()
        try await test.database.execute(pictureTable)
        try await test.database.execute("CREATE INDEX picture_title ON picture (title, bytes)")
        let plan = try await test.database.explain("SELECT title FROM picture WHERE title = \("A")")
        #expect(plan.contains("picture_title"))
        let writing = try await test.database.explain("UPDATE picture SET bytes = 1 WHERE title = \("A")")
        #expect(writing.contains("picture_title"))
        #expect(try await count(test) == 0)
    }

    private func count(_ test: TestDatabase) async throws -> Int {
        try #require(try await test.database.first("SELECT COUNT(*) AS n FROM picture")).get("n")
    }
}
