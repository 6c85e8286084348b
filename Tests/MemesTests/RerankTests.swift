import Database
import HTTPClient
import HTTPServer
import Kernel
import ModelGateway
import SharedState
import Telemetry
import TestSupport
import TextEmbedding
import Testing

@testable import Memes

/// A second model that reads the best hits anew.
@Suite(.timeLimit(.minutes(5))) struct RerankTests {
    private static let captions = ["monday is here", "monday again my friend", "monday eats my soul"]
    /// No meme has both words.
    private static let query = "/query?content=monday+despair&explain=1&collapse=off"

    /// A house with memes whose process has ended; others are opened on its rows.
    private func filled() async throws -> MemeHouse {
        let house = try await MemeHouse()
        for caption in Self.captions { try await house.add(caption) }
        await house.stop()
        return house
    }

    /// Another process on the same rows.
    private func open(
        _ other: MemeHouse,
        time: any TimeSource = SystemTime(),
        _ reranker: MemeReranker?,
    ) async throws -> MemeHouse {
        let house = try await MemeHouse(of: other, time: time, reranker: reranker, hasWorker: false)
        try await house.memes.readIndex()
        return house
    }

    private func captions(_ answer: Answer) -> [String] {
        (answer.json["hits"]?.array ?? []).compactMap { $0["ocr"]?.string }
    }

    @Test func theModelOrdersWhatWasFoundAndTheTermsStillAddUp() async throws {
        let house = try await filled()
        let fused = try await open(house, nil).get(Self.query)
        let last = try #require(captions(fused).last)
        let model = ScriptedReranker { query, document in
            #expect(query == "monday despair")
            return document.contains(last) ? 0.9 : 0.2
        }
        let answer = try await open(house, MemeReranker(model)).get(Self.query)
        #expect(answer.json["degraded"] == [])
        #expect(captions(answer).first == last)
        for hit in try #require(answer.json["hits"]?.array) {
            let legs = try #require(hit["legs"]?.array)
            let sum = legs.compactMap { $0["contribution"]?.number }.reduce(0, +)
            #expect(abs(sum - (hit["score"]?.number ?? .nan)) < 1e-6)
            let read = try #require(legs.first { $0["leg"] == "rerank" })
            #expect(read["weight"] == 0.7)
            #expect(abs((read["share"]?.number ?? .nan) - (hit["ocr"]?.string == last ? 0.9 : 0.2)) < 1e-6)
        }
    }

    @Test func scoresOfPairsAreKeptWhenAnotherMemeComes() async throws {
        let model = ScriptedReranker { _, _ in 0.5 }
        let house = try await MemeHouse(reranker: MemeReranker(model))
        for caption in Self.captions { try await house.add(caption) }
        _ = try await house.get(Self.query)
        #expect(model.calls.all.map(\.count) == [3])
        try await house.add("monday never ends")
        let answer = try await house.get(Self.query)
        #expect(model.calls.all.map(\.count) == [3, 1], "only the new one is read")
        #expect(captions(answer).count == 4)
    }

    @Test(
        "not asked: what stands there as typed, what is still being typed, several terms, filters alone",
        arguments: [
            MemeQuery("monday is here", count: 5, cutsOff: false), unfinished("monday desp"),
            weighted("monday"), MemeQuery("type:png", count: 5, cutsOff: false),
        ],
    )
    func notAsked(query: MemeQuery) async throws {
        let model = ScriptedReranker { _, _ in 0.5 }
        let house = try await open(try await filled(), MemeReranker(model))
        let found = try await house.memes.search(query)
        #expect(!found.hits.isEmpty && found.degraded.isEmpty)
        #expect(model.calls.all.isEmpty)
    }

    private static func unfinished(_ text: String) -> MemeQuery {
        var query = MemeQuery(text, count: 5, cutsOff: false)
        query.completesLastWord = true
        return query
    }

    private static func weighted(_ text: String) -> MemeQuery {
        var query = MemeQuery(text, count: 5, cutsOff: false)
        query.terms = [MemeQuery.Term(text: "soul", weight: -1)]
        return query
    }

    @Test func pagesContinueInTheNewOrder() async throws {
        let model = ScriptedReranker { _, document in document.contains("soul") ? 1 : 0.1 }
        let house = try await open(try await filled(), MemeReranker(model))
        let whole = captions(try await house.get(Self.query))
        var pages: [String] = []
        for cursor in 0..<3 { pages += captions(try await house.get("\(Self.query)&n=1&cursor=\(cursor)")) }
        #expect(pages == whole && whole.first == "monday eats my soul")
    }

    @Test func onlyTheBestAreReadAndTheOthersStayBehind() async throws {
        let house = try await filled()
        let fused = captions(try await open(house, nil).get(Self.query))
        let model = ScriptedReranker { _, document in document.contains(fused[1]) ? 1 : 0 }
        let other = try await MemeHouse(of: house, reranker: MemeReranker(model), hasWorker: false) {
            $0.rerankCount = 2
        }
        try await other.memes.readIndex()
        let answer = try await other.get(Self.query)
        #expect(model.calls.all.map(\.count) == [2])
        #expect(captions(answer) == [fused[1], fused[0], fused[2]])
    }

    @Test func aModelThatIsLateChangesNothingAndIsNotWaitedFor() async throws {
        let house = try await filled()
        let fused = captions(try await open(house, nil).get(Self.query))
        let (time, gate) = (ManualTime(), Gate())
        let model = ScriptedReranker { _, _ in
            await gate.pass()  // does not hear that it is cancelled
            return 1
        }
        let slow = try await open(house, time: time, MemeReranker(model))
        let asking = Task { try await slow.get(Self.query) }
        await time.untilSleepers(1)
        time.advance(by: .milliseconds(250))
        let answer = try await asking.value
        #expect(answer.status == 200 && captions(answer) == fused)
        #expect(answer.json["degraded"] == ["rerank"])
        gate.open()
        #expect(try await slow.get(Self.query).json["degraded"] == [], "an answer without a part is not kept")
        let metrics = String(decoding: slow.metrics.render(), as: UTF8.self)
        #expect(metrics.contains("meme_searches_degraded_total{part=\"rerank\"} 1"))
    }

    @Test func aLocalCrossEncoderOrdersTheHits() async throws {
        let downloads = try await DownloadedModels.shared.value
        let home = try downloads.newHome()
        _ = try await ModelImport(folder: "\(downloads.path)/cross", home: home, name: "cross").run()
        let cross = try LocalReranker(home: home, model: "cross", precision: .f32, lanes: 1)
        let house = try await filled()
        let fused = try await open(house, nil).get(Self.query)
        let answer = try await open(house, MemeReranker(cross, name: "cross", patience: .seconds(120))).get(Self.query)
        #expect(answer.json["degraded"] == [])
        let hits = try #require(answer.json["hits"]?.array)
        for hit in hits {
            let before = try #require(fused.json["hits"]?.array?.first { $0["id"] == hit["id"] }?["score"]?.number)
            let document = "\(hit["ocr"]?.string ?? "")\na"  // the words and the file's name
            let own = try await cross.scores(query: "monday despair", documents: [document])
            #expect(abs((hit["score"]?.number ?? .nan) - (0.7 * Double(own[0]) + 0.3 * before)) < 1e-4)
        }
        let scores = hits.compactMap { $0["score"]?.number }
        #expect(scores.count == 3 && scores == scores.sorted(by: >))
    }
}

/// The same with a model behind an address.
@Suite(.timeLimit(.minutes(5))) struct RemoteRerankTests {
    /// Of what models cost.
    private let usage: TestDatabase

    init() async throws {
        usage = try await DatabaseBackend.ofModules.make()
        try await migrate(usage.database, modelMigrations)
    }

    private func house(
        _ other: MemeHouse,
        time: any TimeSource = SystemTime(),
        _ server: LocalServer,
    ) async throws -> MemeHouse {
        var settings = ModelGatewaySettings()
        settings.providers = [
            ProviderSettings("own", .openAICompatible, url: server.url, models: [ModelSettings("m", [.rerank])])
        ]
        let models = ModelGateway(
            settings,
            client: HTTPClient(),
            state: MemorySharedState(),
            database: usage.database,
            time: time,
            log: .silent,
            metrics: Metrics(),
        )
        let patience = time is ManualTime ? Duration.milliseconds(250) : .seconds(60)
        let remote = try #require(GatewayReranker(models, time: time, patience: patience))
        let reranker = MemeReranker(remote, name: try #require(models.firstModel(.rerank)), patience: patience)
        let house = try await MemeHouse(of: other, time: time, reranker: reranker, hasWorker: false)
        try await house.memes.readIndex()
        return house
    }

    private func filled() async throws -> MemeHouse {
        let house = try await MemeHouse()
        for caption in ["monday is here", "monday again my friend"] { try await house.add(caption) }
        await house.stop()
        return house
    }

    private func captions(_ answer: Answer) -> [String] {
        (answer.json["hits"]?.array ?? []).compactMap { $0["ocr"]?.string }
    }

    private static let query = "/query?content=monday+despair&explain=1&collapse=off"

    @Test func itsScoresOrderTheHits() async throws {
        let server = try LocalServer { router in
            router.post("/rerank") { request in
                let documents = try await request.json()["documents"]?.array?.compactMap(\.string) ?? []
                return .json([
                    "results": JSON(
                        documents.enumerated().map { place, text -> JSON in
                            ["index": JSON(place), "relevance_score": text.contains("friend") ? 0.9 : 0.1]
                        }
                    )
                ])
            }
        }
        let answer = try await house(try await filled(), server).get(Self.query)
        #expect(answer.json["degraded"] == [])
        #expect(captions(answer) == ["monday again my friend", "monday is here"])
    }

    private static let failures: [(status: Int, body: String)] = [
        (500, "{}"), (200, "<html>busy</html>"), (200, "{\"results\": [{\"index\": 0, \"relev"),
        (200, "{\"results\": []}"),
        (200, "{\"results\": [{\"index\": 7, \"relevance_score\": 1}]}"), (429, "{}"),
    ]

    @Test("a model that fails or lies leaves the order as it was", arguments: failures)
    func failing(status: Int, body: String) async throws {
        let server = try LocalServer { router in router.post("/rerank") { _ in .text(body, status: status) } }
        let filled = try await filled()
        let fused = try await MemeHouse(of: filled, hasWorker: false)
        try await fused.memes.readIndex()
        let answer = try await house(filled, server).get(Self.query)
        #expect(answer.status == 200 && answer.json["degraded"] == ["rerank"])
        #expect(captions(answer) == captions(try await fused.get(Self.query)))
    }

    @Test func aModelThatNeverAnswersIsLeftBehind() async throws {
        let asked = Tally()
        let server = try LocalServer { router in
            router.post("/rerank") { _ in
                asked.add()
                await park()
                return .text("")
            }
        }
        let time = ManualTime()
        let house = try await house(try await filled(), time: time, server)
        let asking = Task { try await house.get(Self.query) }
        await asked.until(1)
        await time.untilSleepers(1)
        time.advance(by: .milliseconds(300))
        let answer = try await asking.value
        #expect(answer.status == 200 && answer.json["degraded"] == ["rerank"])
        #expect(captions(answer).count == 2)
    }
}
