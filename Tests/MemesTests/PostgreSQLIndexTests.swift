import Database
import HTTPServer
import Kernel
import Telemetry
import TestSupport
import Testing

@testable import Memes

/// `search.index: postgres`: the same questions and answers, from tables.
@Suite(.timeLimit(.minutes(5))) struct PostgreSQLIndexTests {
    private static let captions = [
        "tired on monday", "monday again my friend", "such wow very doge", "deploy on friday they said",
        "production is down again", "the cat sits on the keyboard", "a dog barks at the moon", "coffee first then talk",
        "keyboard warriors unite", "好累啊今天又是星期一", "我不能随便谈论这件事", "when the code works on the first try",
        "no one has ever said that before", "one does not simply deploy", "café crème brûlée",
    ]

    /// The same rows, seen by a process with its index in memory and by one with tables.
    private func both(_ embedder: BagEmbedder? = nil) async throws -> (memory: MemeHouse, tables: MemeHouse) {
        let memory = try await MemeHouse(backend: .postgresql, embedder: embedder)
        for (place, caption) in Self.captions.enumerated() {
            try await memory.add(
                caption,
                name: place == 0 ? "weekStart.png" : "a.png",
                library: place < 3 ? "old" : nil,
            )
        }
        return (memory, try await tables(on: memory, embedder))
    }

    private func tables(on house: MemeHouse, _ embedder: BagEmbedder? = nil) async throws -> MemeHouse {
        let tables = try await MemeHouse(of: house, embedder: embedder, hasWorker: false) { $0.index = .postgres }
        try await tables.memes.readIndex()
        return tables
    }

    private static let queries = [
        "content=tired+on+monday", "content=mondy+tird", "content=keybord", "content=%22on+monday%22",
        "content=monday+-friend", "content=deploy+lib:old", "content=monday&lib=old", "content=doge&type=png",
        "content=cat&text=none", "content=星期一", "content=谈论", "content=谈", "content=cafe+creme",
        "content=monday+ratio:wide", "content=on+ratio:tall", "content=week", "content=on+the",
        "content=%22星期一%22", "content=again+text:down", "content=deploy&lang=en", "content=zzzzqqqq",
    ]

    @Test func aQuoteWithAnAccentIsAQuoteToPostgreSQL() async throws {
        let house = try await MemeHouse(backend: .postgresql)
        try await house.add("tired on monday", library: "\"\u{301}'\u{301}\\")
        let tables = try await tables(on: house)
        let found = try await tables.get("/query?content=monday&lib=%22%CC%81%27%CC%81%5C&explain=1")
        #expect(found.status == 200, "\(found.text)")
        #expect(hits(found).count == 1)
    }

    @Test func wordsFindTheSameAsInMemory() async throws {
        let (memory, tables) = try await both()
        for query in Self.queries {
            let target = "/query?\(query)&n=20&explain=1"
            let (expected, found) = (try await memory.get(target), try await tables.get(target))
            #expect(found.status == 200 && found.json["intent"] == expected.json["intent"], "\(query)")
            let (one, other) = (hits(expected), hits(found))
            #expect(one.map(\.id) == other.map(\.id), "\(query)")
            for (left, right) in zip(one, other) { #expect(abs(left.score - right.score) < 1e-5, "\(query)") }
        }
        let body: JSON = [
            "terms": [["text": "monday", "weight": 1], ["text": "friend", "weight": -1]], "min": "none",
        ]
        let (one, other) = (
            hits(try await memory.send(.post, "/search", body)), hits(try await tables.send(.post, "/search", body)),
        )
        #expect(!one.isEmpty && one.map(\.id) == other.map(\.id))
    }

    private func hits(_ answer: Answer) -> [(id: String, score: Double)] {
        (answer.json["hits"]?.array ?? []).compactMap { hit in
            hit["id"]?.string.map { ($0, hit["score"]?.number ?? .nan) }
        }
    }

    @Test func meaningsFindTheSameAsInMemory() async throws {
        let embedder = BagEmbedder(synonyms: ["exhausted": "tired", "workday": "monday", "kitten": "cat"])
        let (memory, tables) = try await both(embedder)
        for query in [
            "content=exhausted+workday", "content=kitten", "content=kitten&lang=en", "content=kitten+-keyboard",
        ] {
            let target = "/query?\(query)&n=5&explain=1"
            let (expected, found) = (hits(try await memory.get(target)), hits(try await tables.get(target)))
            #expect(!expected.isEmpty && expected.map(\.id) == found.map(\.id), "\(query)")
            for (left, right) in zip(expected, found) { #expect(abs(left.score - right.score) < 1e-4, "\(query)") }
        }
        #expect(try await tables.get("/query?content=kitten&explain=1").json["degraded"] == [])
        #expect(tables.memes.abilities["dense"] == .string(embedder.space))
        #expect(tables.memes.abilities["count"] == JSON(Self.captions.count))
    }

    @Test func changesAndDeletionsAreSeen() async throws {
        let (memory, tables) = try await both()
        let id = try #require(try await tables.found("doge").first)
        let meme = try #require(ID<Meme>(id))
        _ = try await memory.send(.patch, "/meme/\(id)", ["tags": ["shiba"]])
        try await tables.memes.readIndex()
        #expect(try await tables.found("shiba") == [id])
        #expect(try await tables.get("/query?content=wow&tag=shiba&format=id").json["data"] == [.string(id)])
        #expect(try await tables.found("wow").contains(id), "and its answer is kept now")
        try await memory.memes.delete(meme, actor: "test")
        #expect(try await !tables.found("wow").contains(id), "before anybody has read the change")
        #expect(try await tables.found("shiba").isEmpty)
    }

    @Test func pagesAndTheirRelativesWork() async throws {
        let (memory, tables) = try await both()
        let first = try #require(try await tables.found("\"such wow\"").first)
        let copy = try await memory.add(Self.captions[2], name: "copy.png", encoding: 1)
        try await tables.memes.readIndex()
        #expect(try await tables.get("/meme/\(copy)").json["data"]?["duplicate_of"] == .string(first))
        #expect(try await tables.get("/memes/\(copy)").text.contains("Almost the same picture"))
        let similar = try await tables.get("/similar/\(copy)")
        #expect(similar.json["data"]?.array?.first?["id"] == .string(first))
        let words = try await tables.get("/suggest?q=mon").json["data"]
        #expect(words == ["monday"])
        let page = try await tables.get("/memes?lib=old")
        #expect(page.status == 200 && page.text.contains("such wow very doge"))
        #expect(!page.text.contains("coffee first"))
        #expect(try await tables.get("/memes/found?q=key").text.contains("keyboard warriors"))
        let image: JSON = ["image": JSON(first), "min": "none"]
        #expect(try await hits(tables.send(.post, "/search", image)).contains { $0.id == copy.description })
    }

    @Test func aNewSpaceTakesOverWhenItsVectorsAreThere() async throws {
        let (memory, tables) = try await both(BagEmbedder(space: "bag/old"))
        #expect(tables.memes.lookup.space == "bag/old")
        await memory.stop()
        let newer = BagEmbedder(space: "bag/new", synonyms: ["premier": "first"])
        let house = try await MemeHouse(of: memory, embedder: newer) { $0.index = .postgres }
        try await house.memes.prepareSpace()
        try await house.until { try await house.memes.vectors.activeSpace()?.name == "bag/new" }
        try await house.memes.readIndex()
        #expect(house.memes.lookup.space == "bag/new")
        #expect(try await hits(house.get("/query?content=premier&explain=1&collapse=off")).count == 5)
        // Another start removes what nobody asks any more.
        _ = try await self.tables(on: house, newer)
        let left = try await house.database.query(
            "SELECT tablename FROM pg_tables WHERE tablename LIKE 'meme_point_%'"
        )
        #expect(left.count == 1)
    }

    static let hostile = [
        "'", "\\", "''\\'", "a:*", "a & | ! b", "{\"a\"}", "\"", "%", "_", "~", "NEAR(a b)", "*", "👩‍👩‍👧‍👦",
        "\u{200B}a\u{200B}",
        "tag:'", "lib:\\,\"", "text:%", "-'", "\u{1}", String(repeating: "a' \\", count: 120), "lang:'x'", "ratio:1e30",
    ]

    @Test func hostileTextsAreTexts() async throws {
        let (_, tables) = try await both()
        for text in Self.hostile {
            for completes in [false, true] {
                var query = MemeQuery(String(text.prefix(500)), count: 5, cutsOff: false)
                query.completesLastWord = completes
                _ = try await tables.memes.search(query)
            }
            _ = try await tables.memes.lookup.suggestions(for: text, count: 5)
        }
    }

    @Test func withoutPgvectorTheSentenceSaysWhatIsMissing() async throws {
        let place = try await PostgreSQLPlace(PostgreSQLServer.shared())
        let database = try await place.open()
        try await IndexTables(database: database).requireVectors()
        _ = try await database.execute("CREATE SCHEMA bare")
        _ = try await database.execute("CREATE TABLE bare.pg_available_extensions (name TEXT, default_version TEXT)")
        let url = Secret(place.url.reveal() + "&options=-csearch_path%3Dbare,pg_catalog")
        let bare = try await PostgreSQLDatabase.open(
            url: url,
            settings: PostgreSQLSettings(connections: 2),
            metrics: .init(),
            log: .silent,
        )
        for (version, reason) in [(nil, "has no extension"), ("0.6.2", "is 0.6.2"), ("0.8.0", nil)]
            as [(String?, String?)]
        {
            if let version {
                _ = try await database.execute("DELETE FROM bare.pg_available_extensions")
                _ = try await database.execute("INSERT INTO bare.pg_available_extensions VALUES ('vector', \(version))")
            }
            do {
                try await IndexTables(database: bare).requireVectors()
                #expect(reason == nil)
            } catch let error as MemesError {
                #expect(error.message.contains(try #require(reason)) && error.message.contains("pgvector"))
            }
        }
        _ = try await database.execute("DROP SCHEMA bare CASCADE")
        await bare.close()
        await database.close()
        let sqlite = try await DatabaseBackend.sqlite.make()
        await #expect(throws: MemesError.noVectorExtension("the database is SQLite")) {
            try await IndexTables(database: sqlite.database).requireVectors()
        }
    }
}
