import Kernel
import Telemetry
import TestSupport
import Testing

@testable import ModelGateway

/// Vectors and scores of remote models.
@Suite(.timeLimit(.minutes(5))) struct VectorTests {
    @Test func vectorsComeInTheOrderOfTheTextsAndAtLengthOne() async throws {
        let server = try FakeProvider { .vectors($0) }
        let bench = try await GatewayBench([provider("p", .siliconflow, server, .embedding)])
        let texts = (0..<70).map { String(repeating: "x", count: 1 + $0 % 4) }
        let answer = try await bench.gateway.embed(texts, as: .document)
        #expect(answer.vectors.enumerated().allSatisfy { $1[(1 + $0 % 4) % 4] == 1 })
        #expect(server.calls.all.map { $0.body["input"]?.array?.count } == [32, 32, 6])
        #expect(answer.usage.requests == 3 && answer.usage.inputTokens == 210)
    }

    @Test func base64IsReadWhereverItComesFrom() async throws {
        let vector: [Float] = [0, 3, 0, -4]
        let bytes = vector.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } }
        let reply: JSON = ["data": [["index": 0, "embedding": .string(bytes.base64)]]]
        let server = try FakeProvider { _ in .json(reply) }
        for kind in [ProviderKind.openai, .siliconflow] {
            let bench = try await GatewayBench([provider("p", kind, server, .embedding)])
            #expect(try await bench.gateway.embed(["a"], as: .document).vectors == [[0, 0.6, 0, -0.8]])
        }
    }

    static let lies: [JSON] = [
        ["data": []], ["data": [["index": 0, "embedding": [1, 2]]]],
        ["data": [["index": 1, "embedding": [1, 0, 0, 0]]]],
        ["data": [["index": 0, "embedding": [0, 0, 0, 0]]]], ["data": [["index": 0, "embedding": ["a", 0, 0, 0]]]],
        ["data": [["index": 0, "embedding": "!!!"]]], ["data": [["index": 0, "embedding": [1e308, 1e308, 0, 0]]]],
        ["data": [["index": 0]]], ["vectors": 1],
    ]

    @Test("vectors of the wrong number, length or kind are no answer", arguments: lies)
    func lie(_ reply: JSON) async throws {
        let server = try FakeProvider { _ in .json(reply) }
        let bench = try await GatewayBench([provider("p", .siliconflow, server, .embedding)])
        guard case .failed(let fault)? = await thrown({ try await bench.gateway.embed(["a"], as: .document) }) else {
            return #expect(Bool(false), "it was taken")
        }
        #expect(fault.kind == .answer)
        let counter = bench.metrics.counter("embedding_api_errors_total", "", labels: ["provider", "class"])
        #expect(counter.value("p", "answer") == 1)
    }

    @Test("a batch that is too large is halved, and the next is as small from the start")
    func halving() async throws {
        let server = try FakeProvider { call in
            (call.body["input"]?.array?.count ?? 0) > 5
                ? .raw(413, #"{"message":"batch size 32 > maximum allowed batch size 5","code":413}"#) : .vectors(call)
        }
        let bench = try await GatewayBench([provider("p", .siliconflow, server, .embedding)])
        let texts = Array(repeating: "abc", count: 20)
        #expect(try await bench.gateway.embed(texts, as: .document).vectors.count == 20)
        #expect(server.calls.all.map { $0.body["input"]?.array?.count } == [20, 10, 5, 5, 5, 5])
        _ = try await bench.gateway.embed(texts, as: .document)
        #expect(server.calls.all.dropFirst(6).allSatisfy { $0.body["input"]?.array?.count == 5 })
    }

    @Test func aQueryCarriesItsInstructionAndTheSpaceKnowsIt() async throws {
        let server = try FakeProvider { .vectors($0) }
        let qwen = provider("p", .siliconflow, server, .embedding, model: "Qwen/Qwen3-Embedding-0.6B")
        let bench = try await GatewayBench([qwen])
        _ = try await bench.gateway.embed(["cat"], as: .query)
        _ = try await bench.gateway.embed(["cat"], as: .document)
        let sent = server.calls.all.compactMap { $0.body["input"]?.array?.first?.string }
        #expect(sent[0].hasPrefix("Instruct: ") && sent[0].hasSuffix("\nQuery: cat") && sent[1] == "cat")
        let plain = try await GatewayBench([
            provider("p", .siliconflow, server, .embedding, model: "Qwen/Qwen3-Embedding-0.6B") {
                $0.instruction = "Find"
            }
        ])
        #expect(bench.gateway.embeddingSpace?.dimensions == 4)
        #expect(bench.gateway.embeddingSpace != plain.gateway.embeddingSpace)
    }

    @Test("a model with other vectors never stands in")
    func spaces() async throws {
        let broken = try FakeProvider { _ in .raw(500, "") }
        let server = try FakeProvider { .vectors($0) }
        let other = provider("b", .siliconflow, server, .embedding, model: "other")
        let bench = try await GatewayBench([provider("a", .siliconflow, broken, .embedding), other])
        #expect(await thrown { try await bench.gateway.embed(["a"], as: .query) } != nil)
        #expect(server.calls.all.isEmpty)
        let twin = provider("b", .openAICompatible, server, .embedding, model: "twin") { $0.space = "m" }
        let pair = try await GatewayBench([provider("a", .siliconflow, broken, .embedding), twin])
        #expect(try await pair.gateway.embed(["a"], as: .query).model == ModelName("b/twin"))
    }

    @Test func anEmptyTextIsRefusedBeforeItIsSent() async throws {
        let server = try FakeProvider { .vectors($0) }
        let bench = try await GatewayBench([provider("p", .openai, server, .embedding)])
        #expect(await thrown { try await bench.gateway.embed(["a", " \n"], as: .query) }?.status == 422)
        #expect(server.calls.all.isEmpty)
        #expect(try await bench.gateway.embed([], as: .query).vectors.isEmpty)
    }

    @Test func veryLongTextsAreCutToWhatTheModelReads() {
        let text = String(repeating: "word ", count: 20_000)
        let cut = TextSize.cut(text, to: 512)
        #expect(TextSize.tokens(cut) <= 512 && TextSize.tokens(cut) > 500)
        #expect(TextSize.cut("short", to: 512) == "short")
        #expect(TextSize.tokens(TextSize.cut(String(repeating: "猫", count: 3000), to: 512)) <= 512)
    }

    static let rerankers: [(ProviderKind, JSON)] = [
        (.siliconflow, ["tokens": ["input_tokens": 9, "output_tokens": 0]]),
        (.siliconflow, ["meta": ["tokens": ["input_tokens": 9], "billed_units": ["input_tokens": 9]]]),
        (.jina, ["usage": ["total_tokens": 9], "model": "m"]),
        (.cohere, ["meta": ["billed_units": ["search_units": 1]], "id": "x"]),
    ]

    @Test("scores come in the order of the documents", arguments: rerankers)
    func rerank(_ kind: ProviderKind, _ usage: JSON) async throws {
        let results: JSON = [
            "results": [
                ["index": 2, "relevance_score": 0.9, "document": ["text": "c"]], ["index": 0, "relevance_score": 0.5],
                ["index": 1, "relevance_score": -3],
            ]
        ]
        let server = try FakeProvider { _ in .json(results.merging(usage)) }
        let bench = try await GatewayBench([provider("p", kind, server, .rerank)])
        let answer = try await bench.gateway.rerank("q", ["a", "b", "c"])
        #expect(answer.scores == [0.5, -3, 0.9])
        #expect(kind == .cohere || answer.usage.inputTokens == 9)
    }

    @Test func aRankingThatForgetsADocumentIsNoAnswer() async throws {
        let reply: JSON = ["results": [["index": 0, "relevance_score": 0.5], ["index": 0, "relevance_score": 0.4]]]
        let server = try FakeProvider { _ in .json(reply) }
        let bench = try await GatewayBench([provider("p", .jina, server, .rerank)])
        #expect(await thrown { try await bench.gateway.rerank("q", ["a", "b"]) }?.code == "model_failed")
    }
}
