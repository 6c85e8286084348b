import Database
import Kernel
import Telemetry
import TestSupport
import Testing

/// Moving rows from SQLite to PostgreSQL.
@Suite(.timeLimit(.minutes(5))) struct RowCopyTests {
    private let folder: TemporaryFolder
    private let source: SQLiteDatabase
    private let fresh: SQLiteDatabase
    private let target: TestDatabase

    init() async throws {
        folder = try TemporaryFolder()
        source = try SQLiteDatabase.open(path: "\(folder.path)/source.db", metrics: Metrics(), log: .silent)
        fresh = try SQLiteDatabase.open(path: "\(folder.path)/fresh.db", metrics: Metrics(), log: .silent)
        target = try await DatabaseBackend.postgresql.make()
        for database in [source, target.database, fresh] as [any Database] {
            try await database.execute(
                "CREATE TABLE parent (a TEXT NOT NULL, b BIGINT NOT NULL, text TEXT, d DOUBLE PRECISION, bytes BYTEA, PRIMARY KEY (b, a))"
            )
            try await database.execute(
                "CREATE TABLE child (id TEXT PRIMARY KEY, a TEXT, b BIGINT, FOREIGN KEY (b, a) REFERENCES parent (b, a))"
            )
            try await database.execute("CREATE TABLE lease (id TEXT PRIMARY KEY)")
        }
    }

    /// 1,203 rows: more than two batches, in an order that no key has.
    private func fill() async throws {
        try await source.transaction { transaction in
            for index in 0..<1200 {
                let bytes: [UInt8]? = index % 3 == 0 ? nil : [UInt8(truncatingIfNeeded: index), 0, 255]
                try transaction.execute(
                    """
                    INSERT INTO parent VALUES (\("Ä'\(index * 7919 % 1200)"), \(index % 5 - 2), \(index % 2 == 0 ? "x\n" : nil),
                        \(Double(index) / 3), \(bytes))
                    """
                )
            }
            for name in ["a", "B", "ä"] {
                try transaction.execute(
                    "INSERT INTO child SELECT \(name), a, b FROM parent WHERE b = 1 ORDER BY a LIMIT 1"
                )
            }
            try transaction.execute("INSERT INTO lease VALUES ('dies with its process')")
        }
    }

    private func copy(_ progress: (Int, Int, String) -> Void = { _, _, _ in }) async throws -> [String: Int] {
        let tables = try await RowCopy(from: source, to: target.database, fresh: fresh, except: ["lease"])(
            progress: progress
        )
        return Dictionary(uniqueKeysWithValues: tables.map { ($0.table, $0.rows) })
    }

    @Test("every row arrives with every value, parents first, and what means nothing elsewhere stays")
    func everything() async throws {
        try await fill()
        var seen: [(Int, Int)] = []
        #expect(try await copy { done, total, _ in seen.append((done, total)) } == ["parent": 1200, "child": 3])
        #expect(seen.last?.0 == 1203 && seen.allSatisfy { $0.1 == 1203 })
        for sql in ["SELECT * FROM parent ORDER BY d", "SELECT * FROM child ORDER BY a, b, id"] as [SQL] {
            let (old, new) = (try await source.query(sql), try await target.database.query(sql))
            #expect(Set(old.map { "\($0)" }) == Set(new.map { "\($0)" }))
        }
        #expect(try await target.database.query("SELECT * FROM lease").isEmpty)
    }

    @Test("what migrations put there gives way to what became of it, but not to an older state")
    func rowsOfMigrations() async throws {
        for database in [source, target.database, fresh] as [any Database] {
            try await database.execute("CREATE TABLE counter (name TEXT PRIMARY KEY, value BIGINT, note TEXT)")
            try await database.execute(
                "INSERT INTO counter VALUES ('moved', 0, NULL), ('same', 0, NULL), ('gone', 0, '')"
            )
        }
        try await source.execute("UPDATE counter SET value = 7 WHERE name = 'moved'")
        try await source.execute("DELETE FROM counter WHERE name = 'gone'")
        #expect(try await copy()["counter"] == 2)
        let values = try await target.database.query("SELECT value FROM counter ORDER BY name")
        #expect(try values.map { try $0.get("value", as: Int.self) } == [7, 0])
        #expect(try await copy()["counter"] == 2)

        try await target.database.execute("UPDATE counter SET value = 8 WHERE name = 'moved'")
        await #expect(throws: RowCopyError.differs(table: "counter", source: 2, target: 2)) { try await copy() }
    }

    @Test("stopped half-way, it goes on")
    func resumes() async throws {
        try await fill()
        try await target.database.execute("INSERT INTO parent VALUES (\("Ä'0"), -2, 'x\n', 0, NULL)")
        #expect(try await copy() == ["parent": 1200, "child": 3])
        #expect(try await copy() == ["parent": 1200, "child": 3])
    }

    @Test("a row that is another one there, or more than here, is told and nothing is overwritten")
    func differs() async throws {
        try await fill()
        try await target.database.execute("INSERT INTO parent VALUES (\("Ä'0"), -2, 'another', 0, NULL)")
        await #expect(throws: RowCopyError.differs(table: "parent", source: 1200, target: 1200)) { try await copy() }
        let kept = try await target.database.first("SELECT text FROM parent WHERE d = 0")
        #expect(try kept?.get("text", as: String?.self) == "another")
        try await target.database.execute("UPDATE parent SET text = 'x\n' WHERE d = 0")
        try await target.database.execute("INSERT INTO parent VALUES ('more', 9, NULL, NULL, NULL)")
        await #expect(throws: RowCopyError.differs(table: "parent", source: 1200, target: 1201)) { try await copy() }
    }
}
