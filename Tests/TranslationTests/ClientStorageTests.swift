import Database
import HTTPServer
import Kernel
import TestSupport
import Testing

@testable import Translation

/// How much the tasks of a client may hold at once.
@Suite(.timeLimit(.minutes(5))) struct ClientStorageTests {
    @Test("what a client holds is bounded, and given back with its tasks", arguments: DatabaseBackend.allCases)
    func bounded(backend: DatabaseBackend) async throws {
        let time = ManualTime()
        let house = try await house(backend, pictures: 3, time)
        let first = try await send(2, to: house)
        #expect(first.status == 200)
        let tooMuch = try await send(2, to: house)
        #expect(tooMuch.status == 403 && tooMuch.json["code"] == "storage_full", "\(tooMuch.text)")
        #expect(try await house.database.query("SELECT id FROM translation_task").count == 1, "nothing is left of it")
        #expect(
            try await house.database.query("SELECT id FROM image").count == 2,
            "nothing was stored only to be removed",
        )
        #expect(try await send(3, to: house, "another").status == 200)
        #expect(try await send(1, to: house).status == 200, "what was refused does not count")
        #expect(try await send(1, to: house).status == 403)
        let address = "/api/v1/translate/result/\(try #require(first.json["task_id"]?.string))"
        #expect(try await house.send(.delete, address).status == 200)
        #expect(try await send(2, to: house).status == 200)
        #expect(try await send(1, to: house).status == 403)
        time.advance(by: .seconds(3601))
        try await TranslationSweep(remove: house.translation.remove, retention: .seconds(3600)).sweep()
        #expect(
            try await house.database.query("SELECT client FROM translation_storage").isEmpty,
            "of nobody a row stays",
        )
        #expect(try await send(3, to: house).status == 200)
    }

    @Test("of many requests at once exactly those get in that there is room for", arguments: DatabaseBackend.allCases)
    func exact(backend: DatabaseBackend) async throws {
        let house = try await house(backend, pictures: 5, ManualTime())
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<12 { group.addTask { try await send(1, to: house).status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.count { $0 == 200 } == 5 && statuses.count { $0 == 403 } == 7, "\(statuses)")
        let held = try await house.database.first("SELECT bytes FROM translation_storage")
        #expect(try held?.get("bytes") == 5 * Self.size)
    }

    @Test("a removal of tasks of many clients gives each its own back", arguments: DatabaseBackend.allCases)
    func manyClients(backend: DatabaseBackend) async throws {
        let house = try await house(backend, pictures: 10, ManualTime())
        var tasks: [ID<TranslationTask>] = []
        for (visitor, count) in [("a", 1), ("b", 2), ("a", 3), ("b", 1)] {
            let answer = try await send(count, to: house, visitor)
            let id = try #require(answer.json["task_id"]?.string)
            tasks.append(try #require(ID<TranslationTask>(id)))
        }
        try await house.translation.remove([tasks[0], tasks[1]])
        let rows = try await house.database.query("SELECT client, bytes FROM translation_storage ORDER BY client")
        #expect(try rows.map { try $0.get("bytes", as: Int.self) } == [3 * Self.size, Self.size])
    }

    @Test("the repetition of a request takes no room")
    func repetition() async throws {
        let house = try await house(.sqlite, pictures: 1, ManualTime())
        let first = try await send(1, to: house, key: "a")
        #expect(first.status == 200)
        #expect(try await send(1, to: house, key: "a").json["task_id"] == first.json["task_id"])
        #expect(try await send(1, to: house, key: "b").status == 403)
    }

    /// Of a picture.
    private static let size = TranslationHouse.scene("hello").count

    private func house(_ backend: DatabaseBackend, pictures: Int, _ time: ManualTime) async throws -> TranslationHouse {
        try await TranslationHouse(backend: backend, time: time, hasWorker: false) { settings in
            settings.retention = .seconds(3600)
            settings.clientStorage = pictures * Self.size
        }
    }

    private func send(
        _ count: Int,
        to house: TranslationHouse,
        _ visitor: String = "asker",
        key: String? = nil,
    ) async throws -> Answer {
        var headers: Headers = ["X-Visitor": visitor]
        if let key { headers["Idempotency-Key"] = key }
        return try await house.translate((0..<count).map { ("\($0).png", house.picture("hello")) }, headers: headers)
    }
}
