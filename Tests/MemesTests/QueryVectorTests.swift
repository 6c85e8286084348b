import Database
import Kernel
import TestSupport
import Testing

@testable import Memes

/// Vectors of queries are made once.
@Suite(.timeLimit(.minutes(5))) struct QueryVectorTests {
    @Test("what was looked for is not embedded again, not even after a restart", arguments: DatabaseBackend.allCases)
    func restart(backend: DatabaseBackend) async throws {
        let embedder = BagEmbedder()
        let house = try await MemeHouse(backend: backend, embedder: embedder)
        try await house.add("tired workday")
        let before = embedder.calls.count
        let first = try await house.get("/query?content=weary&explain=1")
        // Another question about the same words: no answer is kept for it, but the vector is.
        let second = try await house.get("/query?content=weary&explain=1&collapse=off")
        #expect(embedder.calls.count == before + 1)
        #expect(first.json["hits"] == second.json["hits"])
        await house.stop()

        let keeper = try #require(house.memes.services.first { $0 is QueryVectorKeeper })
        let keeping = Task { try await keeper.run() }
        keeping.cancel()
        try await keeping.value
        let again = BagEmbedder()
        let other = try await MemeHouse(of: house, embedder: again, hasWorker: false)
        try await other.memes.readIndex()
        let third = try await other.get("/query?content=weary&explain=1")
        #expect(third.json["hits"] == first.json["hits"] && third.json["degraded"] == [])
        #expect(again.calls.count == 0)
        // Texts of another space are other vectors.
        let newer = BagEmbedder(space: "bag/other")
        let elsewhere = QueryVectors(
            embedder: MemeEmbedder(newer, patience: .seconds(60)),
            store: QueryVectorStore(database: house.database),
            metrics: MemesMetrics(house.metrics),
        )
        #expect(try await elsewhere(["weary"], isFinal: true)?.count == 1)
        #expect(newer.calls.count == 1)
    }

    @Test func whatIsStillBeingTypedIsNotKept() async throws {
        let house = try await MemeHouse(embedder: BagEmbedder())
        try await house.add("tired workday")
        _ = try await house.get("/memes/found?q=wea")
        for service in house.memes.services {
            guard let keeper = service as? QueryVectorKeeper else { continue }
            try await keeper.vectors.save(at: house.time.now)
        }
        #expect(try await house.database.query("SELECT digest FROM meme_query_vector").isEmpty)
    }

    @Test("those used longest ago make room", arguments: DatabaseBackend.allCases)
    func bounded(backend: DatabaseBackend) async throws {
        let test = try await backend.make()
        try await migrate(test.database, QueryVectorStore.migrations)
        let store = QueryVectorStore(database: test.database)
        for second in 0..<5 {
            let now = Timestamp(milliseconds: Int64(second) * 1000)
            try await store.keep(["text \(second)": [1, 0]], in: "s", at: now, limit: 3)
            // Used again at each step.
            try await store.keep(["text 0": [1, 0]], in: "s", at: now, limit: 3)
        }
        let texts = (0..<5).map { "text \($0)" }
        #expect(try await Set(store.find(texts, in: "s").keys) == ["text 0", "text 3", "text 4"])
        #expect(try await store.find(texts, in: "other").isEmpty)
        withExtendedLifetime(test) {}
    }
}
