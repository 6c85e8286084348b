import Database
import Kernel
import TestSupport
import Testing
import VectorIndex

@testable import Memes

/// Vectors and the spaces they live in.
@Suite(.timeLimit(.minutes(5))) struct MeaningTests {
    private static let words = ["exhausted": "tired", "weary": "tired", "monday": "workday"]

    @Test("a meme is found by what it means", arguments: DatabaseBackend.allCases)
    func meaning(backend: DatabaseBackend) async throws {
        let embedder = BagEmbedder(synonyms: Self.words)
        let house = try await MemeHouse(backend: backend, embedder: embedder)
        let tired = try await house.add("tired workday")
        try await house.add("happy holiday")
        let answer = try await house.get("/query?content=exhausted+monday&n=1&explain=1")
        let hit = try #require(answer.json["hits"]?.array?.first)
        #expect(hit["id"]?.string == tired.description)
        #expect(hit["legs"]?.array?.contains { $0["leg"] == "dense" } == true)
        #expect(answer.json["degraded"] == [])
    }

    @Test func withoutAnAnswerOfTheModelWordsStillFind() async throws {
        let embedder = BagEmbedder()
        let house = try await MemeHouse(embedder: embedder)
        let id = try await house.add("words are enough")
        embedder.setAway(true)
        let answer = try await house.get("/query?content=enough&format=id&explain=1")
        #expect(answer.json["data"] == [.string(id.description)])
        #expect(answer.json["degraded"] == ["dense"])
        embedder.setAway(false)
        #expect(try await house.get("/query?content=enough&explain=1").json["degraded"] == [], "it was not kept")
    }

    @Test(
        "a new model's space is built beside the old one and takes over in one step",
        arguments: DatabaseBackend.allCases,
    )
    func spaceChange(backend: DatabaseBackend) async throws {
        let old = try await MemeHouse(backend: backend, embedder: BagEmbedder(space: "bag/old"))
        for words in ["first words", "second words", "third words"] { try await old.add(words) }
        #expect(try await old.memes.vectors.activeSpace()?.name == "bag/old")
        #expect(old.memes.index.shelf?.space == "bag/old")
        await old.stop()

        let newer = BagEmbedder(space: "bag/new", synonyms: ["premier": "first"])
        let house = try await MemeHouse(of: old, embedder: newer)
        try await house.memes.readIndex()
        let during = try await house.get("/query?content=premier+words&collapse=off&explain=1")
        #expect(during.json["degraded"] == ["dense"], "spaces are never mixed")
        #expect(during.json["data"]?.array?.count == 3)

        try await house.memes.prepareSpace()
        try await house.until { try await house.memes.vectors.activeSpace()?.name == "bag/new" }
        try await house.memes.readIndex()
        #expect(house.memes.index.shelf?.space == "bag/new")
        #expect(house.memes.index.shelf?.vectors.statistics.numbers == 3)
        #expect(try await house.get("/query?content=premier+words&collapse=off&explain=1").json["degraded"] == [])
        let states = try await house.database.query("SELECT name, state FROM meme_space ORDER BY name")
            .map { "\(try $0.get("name") as String) \(try $0.get("state") as String)" }
        #expect(states == ["bag/new active", "bag/old retired"])
    }

    @Test func deletedMemeLeavesNoVector() async throws {
        let house = try await MemeHouse(embedder: BagEmbedder())
        let id = try await house.add("gone soon")
        #expect(house.memes.index.shelf?.vectors.statistics.numbers == 1)
        try await house.memes.delete(id, actor: "test")
        #expect(house.memes.index.shelf?.vectors.statistics.numbers == 0)
        #expect(try await house.database.query("SELECT part FROM meme_vector").isEmpty)
    }
}
