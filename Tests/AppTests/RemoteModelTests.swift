import Database
import HTTPClient
import HTTPServer
import Kernel
import Memes
import ModelGateway
import SharedState
import Telemetry
import TestSupport
import TextEmbedding
import Testing

@testable import App

/// Remote models behind the protocols of local ones.
@Suite(.timeLimit(.minutes(5))) struct RemoteModelTests {
    private func gateway(_ providers: [ProviderSettings]) async throws -> (ModelGateway, TestDatabase) {
        let database = try await DatabaseBackend.ofModules.make()
        try await migrate(database.database, modelMigrations)
        var settings = ModelGatewaySettings()
        settings.providers = providers
        let gateway = ModelGateway(
            settings,
            client: HTTPClient(),
            state: MemorySharedState(),
            database: database.database,
            time: SystemTime(),
            log: .silent,
            metrics: Metrics(),
        )
        return (gateway, database)
    }

    @Test func anEmbedderGivesVectorsOfItsSpace() async throws {
        let server = try LocalServer { router in
            router.post("/embeddings") { _ in .json(["data": [["index": 0, "embedding": [3, 0, 4]]]]) }
        }
        var model = ModelSettings("m", [.embedding])
        model.dimensions = 3
        let (models, database) = try await gateway([
            ProviderSettings("own", .openAICompatible, url: server.url, models: [model])
        ])
        let embedder = try #require(GatewayEmbedder(models))
        #expect(embedder.dimensions == 3 && embedder.space == "remote:m@3")
        #expect(try await embedder.embed(["a"], as: .document) == [[0.6, 0, 0.8]])
        withExtendedLifetime(database) {}
    }

    @Test("logits become scores from 0 to 1 in the same order; scores stay as they are")
    func reranker() async throws {
        for (sent, expected) in [([-2.0, 3.0], [0.119_202_92, 0.952_574_13]), ([0.25, 0.5], [0.25, 0.5])] {
            let results = sent.enumerated().map { index, score -> JSON in
                ["index": JSON(index), "relevance_score": .number(score)]
            }
            let server = try LocalServer { router in router.post("/rerank") { _ in .json(["results": JSON(results)]) } }
            let provider = ProviderSettings(
                "own",
                .openAICompatible,
                url: server.url,
                models: [ModelSettings("m", [.rerank])],
            )
            let (models, database) = try await gateway([provider])
            let reranker = try #require(GatewayReranker(models, time: SystemTime(), patience: .seconds(60)))
            let scores = try await reranker.scores(query: "q", documents: ["a", "b"])
            #expect(zip(scores, expected).allSatisfy { abs(Double($0) - $1) < 1e-6 })
            withExtendedLifetime(database) {}
        }
    }
}
