import Database
import Kernel
import Telemetry
import TestSupport
import Testing

/// What migrations promise on every engine.
@Suite(.timeLimit(.minutes(5))) struct MigrationContract {
    /// A schema that grew in four steps, and keeps its data through each.
    static let steps = [
        Migration(1, "pictures", module: "gallery") { _ in
            ["CREATE TABLE shot (id BIGINT PRIMARY KEY, title TEXT NOT NULL)"]
        },
        Migration(2, "notes", module: "gallery") { _ in ["ALTER TABLE shot ADD COLUMN note TEXT"] },
        Migration(1, "tags", module: "tags") { _ in
            ["CREATE TABLE tag (shot BIGINT NOT NULL REFERENCES shot (id), name TEXT NOT NULL)"]
        },
        Migration(3, "first notes", module: "gallery") { _ in
            ["UPDATE shot SET note = 'old' WHERE note IS NULL", "CREATE INDEX shot_title ON shot (title)"]
        },
    ]

    @Test("from every earlier version, data and all", arguments: DatabaseBackend.allCases, 0...4)
    func fromEach(backend: DatabaseBackend, version: Int) async throws {
        let test = try await backend.make()
        try await migrate(test.database, Array(Self.steps.prefix(version)))
        if version > 0 { try await test.database.execute("INSERT INTO shot (id, title) VALUES (1, 'sunset')") }
        let applied = try await migrate(test.database, Self.steps)
        #expect(applied.map(\.name) == Self.steps.dropFirst(version).map(\.name))
        #expect(try await migrate(test.database, Self.steps).isEmpty)
        let row = try await test.database.first("SELECT title, note FROM shot WHERE id = 1")
        #expect(try row?.get("title") == (version > 0 ? "sunset" : nil))
        if (1...3).contains(version) { #expect(try row?.get("note") == "old") }
        try await test.database.execute("INSERT INTO shot VALUES (2, 't', 'n')")
        try await test.database.execute("INSERT INTO tag VALUES (2, 'evening')")
    }

    @Test("a step that was edited after it ran stops the start", arguments: DatabaseBackend.allCases)
    func edited(backend: DatabaseBackend) async throws {
        let test = try await backend.make()
        try await migrate(test.database, Self.steps)
        var changed = Self.steps
        changed[1] = Migration(2, "notes", module: "gallery") { _ in ["ALTER TABLE shot ADD COLUMN notes TEXT"] }
        let error = await #expect(throws: MigrationError.self) { try await migrate(test.database, changed) }
        #expect(error == .edited(module: "gallery", number: 2, name: "notes"))
        #expect(error?.isPermanent == true)
    }

    @Test("a database of a newer version is refused, and nothing is touched", arguments: DatabaseBackend.allCases)
    func newer(backend: DatabaseBackend) async throws {
        let test = try await backend.make()
        try await migrate(test.database, Array(Self.steps))
        let old =
            Array(Self.steps.prefix(2)) + [
                Migration(1, "other", module: "other") { _ in ["CREATE TABLE o (n BIGINT)"] }
            ]
        let error = await #expect(throws: MigrationError.self) { try await migrate(test.database, old) }
        guard case .schemaIsNewer = error else { return #expect(Bool(false), "got \(String(describing: error))") }
        await #expect(throws: DatabaseError.self) { try await test.database.query("SELECT n FROM o") }
    }

    @Test(
        "a step that fails leaves nothing of itself, and the steps before it stay",
        arguments: DatabaseBackend.allCases,
    )
    func failing(backend: DatabaseBackend) async throws {
        let test = try await backend.make()
        let broken = Migration(2, "broken", module: "gallery") { _ in
            ["CREATE TABLE half (n BIGINT)", "INSERT INTO nowhere VALUES (1)"]
        }
        let error = await #expect(throws: MigrationError.self) {
            try await migrate(test.database, [Self.steps[0], broken])
        }
        guard case .failed("gallery", 2, "broken", _) = error else {
            return #expect(Bool(false), "got \(String(describing: error))")
        }
        #expect(error?.message.contains("nowhere") == false)
        try await test.database.execute("INSERT INTO shot VALUES (1, 'kept')")
        await #expect(throws: DatabaseError.self) { try await test.database.query("SELECT n FROM half") }
        #expect(try await migrate(test.database, Self.steps).count == 3)
    }

    @Test("of several processes that start at once each step runs in one", arguments: DatabaseBackend.allCases)
    func concurrent(backend: DatabaseBackend) async throws {
        let test = try await backend.make()
        let applied = try await withThrowingTaskGroup(of: [Migration].self) { group in
            for _ in 0..<8 { group.addTask { try await migrate(test.database, Self.steps) } }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(applied.map(\.name).sorted() == Self.steps.map(\.name).sorted())
    }

    @Test("two connections to one SQLite file migrate it once")
    func concurrentFiles() async throws {
        let folder = try TemporaryFolder()
        let applied = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let database = try SQLiteDatabase.open(
                        path: folder.path + "/test.db",
                        metrics: Metrics(),
                        log: .silent,
                    )
                    let applied = try await migrate(database, Self.steps)
                    await database.close()
                    return applied.count
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(applied == 4)
    }
}
