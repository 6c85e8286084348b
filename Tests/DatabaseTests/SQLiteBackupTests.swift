import Database
import FoundationEssentials
import Kernel
import Telemetry
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct SQLiteBackupTests {
    private let folder: TemporaryFolder
    private let database: SQLiteDatabase
    private var copy: String { folder.path + "/copy.db" }

    init() throws {
        folder = try TemporaryFolder()
        database = try Self.open(folder.path + "/test.db")
    }

    private static func open(_ path: String) throws -> SQLiteDatabase {
        try SQLiteDatabase.open(
            path: path,
            settings: SQLiteSettings(synchronous: .off),
            metrics: Metrics(),
            log: .silent,
        )
    }

    @Test("a copy made while others write is whole: every transaction is in it entirely or not at all")
    func whileWriting() async throws {
        try await database.execute("CREATE TABLE t (n BIGINT NOT NULL, half BIGINT NOT NULL, filler BYTEA)")
        let filler = [UInt8](repeating: 7, count: 3000)
        @Sendable func write(_ number: Int) async throws {
            try await database.transaction { transaction in
                for half in 0...1 { try transaction.execute("INSERT INTO t VALUES (\(number), \(half), \(filler))") }
            }
        }
        for number in 0..<500 { try await write(number) }
        let isOver = Gate()
        let writer = Task {
            var number = 500
            while !isOver.isOpen {
                try await write(number)
                number += 1
            }
            return number
        }
        try await database.backup(to: copy)
        isOver.open()
        let written = try await writer.value
        let read = try Self.open(copy)
        #expect(try await read.integrityProblems().isEmpty)
        let row = try #require(
            try await read.first("SELECT COUNT(*) AS n, COUNT(DISTINCT n) AS pairs, MAX(n) AS last FROM t")
        )
        let (count, pairs, last): (Int, Int, Int) = (try row.get("n"), try row.get("pairs"), try row.get("last"))
        #expect(count == 2 * pairs)
        #expect(pairs == last + 1)
        #expect((500...written).contains(pairs))
    }

    @Test("a copy replaces the one before, and leaves no other files")
    func replaces() async throws {
        try await database.execute("CREATE TABLE t (n BIGINT)")
        try await database.backup(to: copy)
        try await database.execute("INSERT INTO t VALUES (1)")
        try await database.backup(to: copy)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names.filter { $0.hasPrefix("copy") } == ["copy.db"])
        let read = try Self.open(copy)
        #expect(try await read.first("SELECT COUNT(*) AS n FROM t")?.get("n") == 1)
    }

    @Test("a copy that cannot be made leaves the one before")
    func failing() async throws {
        await #expect(throws: DatabaseError.self) { try await database.backup(to: folder.path + "/none/copy.db") }
        try await database.execute("CREATE TABLE t (n BIGINT)")
        try await database.backup(to: copy)
        let before = FileManager.default.contents(atPath: copy).map(\.count)
        let cancelled = Task { [database, copy] in
            try await database.backup(to: copy)
        }
        cancelled.cancel()
        _ = await cancelled.result
        #expect(FileManager.default.contents(atPath: copy).map(\.count) == before)
        #expect(!FileManager.default.fileExists(atPath: copy + ".partial"))
    }

    @Test("what is no database is refused at the start")
    func damaged() throws {
        let path = folder.path + "/damaged.db"
        try Data(repeating: 65, count: 8192).write(to: URL(filePath: path))
        #expect(throws: DatabaseError.self) { try Self.open(path) }
    }

    @Test("a commit of another connection is noticed, and none of one's own is needed for it")
    func changeCounter() async throws {
        try await database.execute("CREATE TABLE t (n BIGINT)")
        let before = try database.changeCounter()
        #expect(try database.changeCounter() == before)
        let other = try Self.open(folder.path + "/test.db")
        try await other.execute("INSERT INTO t VALUES (1)")
        #expect(try database.changeCounter() > before)
        await other.close()
    }
}
