import Database
import HTTPServer
import Kernel
import TestSupport
import Testing

@testable import Memes

/// The index in memory follows the rows, whoever changes them.
@Suite(.timeLimit(.minutes(5))) struct FollowerTests {
    @Test("what another process writes is found", arguments: DatabaseBackend.allCases)
    func anotherProcess(backend: DatabaseBackend) async throws {
        let writer = try await MemeHouse(backend: backend)
        let reader = try await MemeHouse(of: writer, hasWorker: false)
        let following = Task { try await reader.memes.indexFollower.run() }
        defer { following.cancel() }
        let id = try await writer.add("written elsewhere")
        while try await reader.found("elsewhere") != [id.description] { try await pause() }
        _ = try await writer.send(.patch, "/meme/\(id)", ["title": "renamed now"])
        while try await reader.found("renamed") != [id.description] { try await pause() }
        try await writer.memes.delete(id, actor: "test")
        while try await !reader.found("renamed").isEmpty { try await pause() }
        #expect(reader.memes.index.count == 0)
        try await writer.memes.readIndex()
        #expect(reader.memes.index.generation == writer.memes.index.generation)
    }

    /// Lets others have the thread; the follower looks every half second at the latest.
    private func pause() async throws {
        try Task.checkCancellation()
        try await Task.sleep(for: .milliseconds(20))
    }

    @Test func aFoundMemeThatIsDeletedMeanwhileTakesNobodysPlace() async throws {
        let house = try await MemeHouse()
        let ids = [try await house.add("old words"), try await house.add("old words again")]
        let hits = try await house.memes.search(MemeQuery("old words", count: 5, cutsOff: false)).hits
        #expect(Set(hits.map(\.id)) == Set(ids.map(\.description)))
        let gone = try #require(ID<Meme>(hits[0].id))
        try await house.memes.delete(gone, actor: "test")
        let details = try await house.memes.details(of: hits)
        #expect(details.map(\.hit.id) == [hits[1].id])
        #expect(details.map(\.meme.id.description) == [hits[1].id])
    }

    @Test func aMemeThatIsGoneStaysGoneWhoeverHoldsAnOldRow() async throws {
        let house = try await MemeHouse()
        let id = try await house.add("old row")
        let meme = try #require(try await house.memes.memes.find(id))
        try await house.memes.delete(id, actor: "test")
        let entry = MemeIndex.Entry(id: id, perceptualHash: nil)
        house.memes.index.upsert([(entry, .init(meme, MemeTexts([]), libraries: []))])
        #expect(house.memes.index.count == 0)
        #expect(try await house.found("a").isEmpty)
    }

    @Test("changes are numbered in the order in which they become visible", arguments: DatabaseBackend.allCases)
    func order(backend: DatabaseBackend) async throws {
        let house = try await MemeHouse(backend: backend)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<12 {
                group.addTask {
                    _ = try await house.memes.add(house.picture("many \(number)"), name: "\(number).png")
                    try await house.memes.readIndex()
                }
            }
            try await group.waitForAll()
        }
        let ids = try await house.memes.memes.page(status: nil, before: nil, limit: 100).map(\.id)
        try await house.finish(ids)
        #expect(house.memes.index.count == 12)
        let numbers = try await house.database.query("SELECT number FROM meme ORDER BY number")
            .map { try $0.get("number", as: Int.self) }
        #expect(numbers == Array(1...12))
    }
}
