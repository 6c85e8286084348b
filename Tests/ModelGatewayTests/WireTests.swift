import HTTPServer
import Kernel
import TestSupport
import Testing

@testable import ModelGateway

/// What goes over the wire, as each provider wants it.
@Suite(.timeLimit(.minutes(5))) struct WireTests {
    private func asked(
        _ kind: ProviderKind,
        _ purpose: ModelPurpose,
        _ reply: @escaping @Sendable (FakeProvider.Call) -> FakeProvider.Reply,
        change: (inout ModelSettings) -> Void = { _ in },
        _ body: (ModelGateway) async throws -> some Any,
    ) async throws -> FakeProvider.Call {
        let server = try FakeProvider(reply)
        let bench = try await GatewayBench([provider("p", kind, server, purpose, change: change)])
        _ = try await body(bench.gateway)
        return try #require(server.calls.all.first)
    }

    @Test(arguments: [ProviderKind.dashscope, .siliconflow, .openai, .openrouter, .openAICompatible, .zhipu])
    func aPictureGoesAsDataBesideTheText(_ kind: ProviderKind) async throws {
        let call = try await asked(kind, .vision, { _ in .says(goodMeme) }) { try await $0.vision(memePrompt) }
        #expect(call.path == "/chat/completions")
        #expect(call.headers["Authorization"] == "Bearer \(GatewayBench.key)")
        let messages = try #require(call.body["messages"]?.array)
        #expect(messages[0] == ["role": "system", "content": "You describe memes."])
        let data = "data:image/jpeg;base64,\(picture.bytes.base64)"
        let parts: JSON = [
            ["type": "image_url", "image_url": ["url": .string(data)]], ["type": "text", "text": "Describe it."],
        ]
        #expect(messages[1]["content"] == parts)
        #expect(call.body["max_tokens"] == 400 && call.body["temperature"] == 0.2)
        let isStrict = [ProviderKind.openai, .openrouter, .openAICompatible].contains(kind)
        #expect((call.body["response_format"]?["json_schema"]?["strict"] == true) == isStrict)
    }

    @Test func aModelThatFetchesPicturesGetsTheAddress() async throws {
        let call = try await asked(.zhipu, .vision, { _ in .says(goodMeme) }, change: { $0.takesAddressesOnly = true })
        {
            try await $0.vision(memePrompt)
        }
        let parts = try #require(call.body["messages"]?.array?.last?["content"]?.array)
        #expect(parts[0]["image_url"]?["url"] == "https://memes.example/1.jpg")
    }

    @Test func numbersOfTokensThatNoCallTakesAreCut() async throws {
        let most = JSON(Int64.max)
        let detail: JSON = ["modality": "IMAGE", "tokenCount": most]
        let reply: JSON = [
            "candidates": [["finishReason": "STOP", "content": ["parts": [["text": .string(goodMeme)]]]]],
            "usageMetadata": [
                "promptTokenCount": most, "candidatesTokenCount": most, "thoughtsTokenCount": most,
                "candidatesTokensDetails": [detail, detail],
            ],
        ]
        let server = try FakeProvider { _ in .json(reply) }
        let bench = try await GatewayBench([provider("g", .gemini, server, .vision, model: "gemini-x")])
        let usage = try await bench.gateway.vision(memePrompt).usage
        #expect(usage.inputTokens == 1_000_000_000 && usage.outputTokens == 2_000_000_000)
    }

    @Test func geminiGetsItsOwnForm() async throws {
        let reply: JSON = [
            "candidates": [
                [
                    "finishReason": "STOP",
                    "content": ["parts": [["thought": true, "text": "hm {"], ["text": .string(goodMeme)]]],
                ]
            ],
            "usageMetadata": ["promptTokenCount": 100, "candidatesTokenCount": 20, "thoughtsTokenCount": 5],
        ]
        let server = try FakeProvider { _ in .json(reply) }
        let bench = try await GatewayBench([provider("g", .gemini, server, .vision, model: "gemini-x")])
        let answer = try await bench.gateway.vision(memePrompt)
        #expect(answer.isComplete && answer.usage.inputTokens == 100 && answer.usage.outputTokens == 25)
        let call = try #require(server.calls.all.first)
        #expect(call.path == "/models/gemini-x:generateContent")
        #expect(call.headers["x-goog-api-key"] == GatewayBench.key && call.headers["Authorization"] == nil)
        #expect(call.body["systemInstruction"]?["parts"] == [["text": "You describe memes."]])
        let parts = try #require(call.body["contents"]?.array?[0]["parts"]?.array)
        #expect(parts[0]["inlineData"]?["mimeType"] == "image/jpeg")
        let generation = try #require(call.body["generationConfig"])
        #expect(generation["responseMimeType"] == "application/json")
        #expect(
            generation["responseSchema"]?["propertyOrdering"] == ["ocr", "meaning", "emotions", "nsfw", "template"]
        )
        #expect(generation["responseSchema"]?["required"] == ["ocr", "meaning", "emotions", "nsfw"])
    }

    /// Half a JSON object is never read as a whole one.
    @Test func whatGeminiCutsOffIsAskedForAgainWithTwiceTheLength() async throws {
        let server = try FakeProvider { call in
            let isFirst = call.body["generationConfig"]?["maxOutputTokens"] == 400
            let text = isFirst ? String(goodMeme.prefix(30)) : goodMeme
            let candidate: JSON = [
                "finishReason": isFirst ? "MAX_TOKENS" : "STOP", "content": ["parts": [["text": .string(text)]]],
            ]
            return .json(["candidates": [candidate]])
        }
        let bench = try await GatewayBench([provider("g", .gemini, server, .vision, model: "gemini-x")])
        let answer = try await bench.gateway.vision(memePrompt)
        #expect(answer.isComplete && answer.value?["meaning"] == "a greeting")
        let lengths = server.calls.all.map { $0.body["generationConfig"]?["maxOutputTokens"] }
        #expect(lengths == [400, 800])
    }

    @Test(arguments: [
        (ProviderKind.openai, "text-embedding-3-small", "base64", true), (.siliconflow, "BAAI/bge-m3", "float", false),
        (.siliconflow, "Qwen/Qwen3-Embedding-8B", "float", true), (.dashscope, "text-embedding-v4", "float", true),
    ])
    func textsGoWithTheFieldsThatTheModelKnows(
        _ kind: ProviderKind,
        _ model: String,
        _ format: String,
        _ hasDimensions: Bool,
    ) async throws {
        let call = try await asked(kind, .embedding, { .vectors($0) }, change: { $0.name = model }) {
            try await $0.embed(["a"], as: .document)
        }
        #expect(call.path == "/embeddings" && call.body["input"] == ["a"] && call.body["model"] == .string(model))
        #expect(call.body["encoding_format"] == .string(format))
        #expect((call.body["dimensions"] == 4) == hasDimensions)
    }

    @Test func rerankersGetTheFieldsThatTheyTake() async throws {
        let reply: JSON = ["results": [["index": 0, "relevance_score": 0.5]]]
        for kind in [ProviderKind.siliconflow, .jina, .cohere] {
            let call = try await asked(kind, .rerank, { _ in .json(reply) }) { try await $0.rerank("q", ["d"]) }
            #expect(call.path == "/rerank" && call.body["documents"] == ["d"] && call.body["top_n"] == 1)
            #expect(call.body["return_documents"] == (kind == .cohere ? nil : false))
        }
    }

    @Test func cohereAndJinaAreToldWhichSideATextStandsOn() async throws {
        let vectors: JSON = ["embeddings": ["float": [[0, 1, 0, 0]]], "meta": ["billed_units": ["input_tokens": 3]]]
        let cohere = try await asked(.cohere, .embedding, { _ in .json(vectors) }) {
            try await $0.embed(["a"], as: .query)
        }
        #expect(cohere.path == "/embed" && cohere.body["input_type"] == "search_query")
        #expect(cohere.body["texts"] == ["a"] && cohere.body["embedding_types"] == ["float"])
        let jina = try await asked(.jina, .embedding, { .vectors($0) }) { try await $0.embed(["a"], as: .document) }
        #expect(jina.body["task"] == "retrieval.passage")
    }
}
