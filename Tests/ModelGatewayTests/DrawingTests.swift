import Kernel
import TestSupport
import Testing

@testable import ModelGateway

/// Models that draw.
@Suite(.timeLimit(.minutes(5))) struct DrawingTests {
    private static let drawn: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 1, 2, 3]

    private static func answer(_ parts: [JSON], finish: String = "STOP") -> FakeProvider.Reply {
        .json([
            "candidates": [
                ["content": ["role": "model", "parts": JSON(parts)], "finishReason": .string(finish), "index": 0]
            ],
            "usageMetadata": ["promptTokenCount": 300, "candidatesTokenCount": 1120, "thoughtsTokenCount": 30],
        ])
    }

    private static func image(_ bytes: [UInt8]) -> JSON {
        ["inlineData": ["mimeType": "image/png", "data": .string(bytes.base64)]]
    }

    private static let goodAnswer = answer([["text": "Here it is."], image(drawn)])
    private let prompt = ModelPrompt(system: "You draw.", text: "Draw it anew.", pictures: [picture])

    private func bench(
        _ reply: FakeProvider.Reply,
        change: (inout ModelSettings) -> Void = { _ in },
    ) async throws -> (GatewayBench, FakeProvider) {
        let server = try FakeProvider { _ in reply }
        let bench = try await GatewayBench([
            provider("g", .gemini, server, .image, model: "flash-image", change: change)
        ])
        return (bench, server)
    }

    @Test func aPictureIsAskedForInTwoModalitiesAndTheShapeThatIsWanted() async throws {
        let (bench, server) = try await bench(Self.goodAnswer)
        let drawing = try await bench.gateway.draw(prompt, aspectRatio: "4:3")
        #expect(drawing.picture.bytes == Self.drawn && drawing.picture.mediaType == "image/png")
        #expect(drawing.model == ModelName("g/flash-image"))
        #expect(drawing.usage.inputTokens == 300 && drawing.usage.outputTokens == 1150 && drawing.usage.images == 1)
        let call = try #require(server.calls.all.first)
        #expect(call.path == "/models/flash-image:generateContent")
        let expected: JSON = [
            "responseModalities": ["TEXT", "IMAGE"], "imageConfig": ["aspectRatio": "4:3"], "temperature": 0.2,
        ]
        #expect(call.body["generationConfig"] == expected)
        let parts = try #require(call.body["contents"]?.array?.first?["parts"]?.array)
        #expect(parts[0]["inlineData"]?["data"]?.string == picture.bytes.base64)
        #expect(parts[1] == ["text": "Draw it anew."])
        #expect(!bench.logged.contains(picture.bytes.base64))
    }

    @Test(
        "the size that fits is asked for, of models that know sizes",
        arguments: [
            ("gemini-3.1-flash-image", 1_500_000, nil), ("gemini-3.1-flash-image", 1_600_000, "2K"),
            ("gemini-3-pro-image-preview", 6_000_000, "2K"), ("gemini-3-pro-image-preview", 24_000_000, "4K"),
            ("gemini-2.5-flash-image", 24_000_000, nil), ("gemini-3.1-flash-lite-image", 24_000_000, nil),
        ] as [(String, Int, String?)],
    )
    func size(model: String, pixels: Int, expected: String?) async throws {
        let server = try FakeProvider { _ in Self.goodAnswer }
        let bench = try await GatewayBench([provider("g", .gemini, server, .image, model: model)])
        _ = try await bench.gateway.draw(prompt, aspectRatio: "3:4", pixels: pixels)
        let image = server.calls.all.first?.body["generationConfig"]?["imageConfig"]
        #expect(
            image?["imageSize"]?.string == expected && image?["aspectRatio"] == "3:4",
            "\(String(describing: image))",
        )
    }

    @Test func theLargestSizeIsASetting() async throws {
        let (bench, server) = try await bench(Self.goodAnswer) { $0.largestDrawing = .twoK }
        _ = try await bench.gateway.draw(prompt, aspectRatio: "3:4", pixels: 20_000_000)
        #expect(server.calls.all.first?.body["generationConfig"]?["imageConfig"]?["imageSize"] == "2K")
    }

    @Test func drawnTokensHaveAPriceOfTheirOwn() async throws {
        let reply = FakeProvider.Reply.json([
            "candidates": [["content": ["role": "model", "parts": [Self.image(Self.drawn)]], "finishReason": "STOP"]],
            "usageMetadata": [
                "promptTokenCount": 300, "candidatesTokenCount": 1150, "thoughtsTokenCount": 50,
                "candidatesTokensDetails": [
                    ["modality": "TEXT", "tokenCount": 30], ["modality": "IMAGE", "tokenCount": 1120],
                ],
            ],
        ])
        for (drawn, cost) in [(nil, 1200.0), (10, 80 + 11_200)] as [(Double?, Double)] {
            let (bench, server) = try await bench(reply) {
                $0.price.perMillionOutputTokens = 1e6
                $0.price.perMillionDrawnTokens = drawn.map { $0 * 1e6 }
            }
            let usage = try await bench.gateway.draw(prompt, aspectRatio: "1:1").usage
            #expect((usage.outputTokens, usage.drawnTokens) == (1200, 1120))
            #expect(abs(usage.cost - cost) < 1e-6)
            #expect(server.calls.all.count == 1)
        }
    }

    @Test func whatWasBilledForWordsInsteadOfAPictureIsBooked() async throws {
        let server = try FakeProvider { call in
            call.path.contains("/a:") ? Self.answer([["text": "No."]], finish: "NO_IMAGE") : Self.goodAnswer
        }
        func drawing(_ name: String, _ change: (inout ModelSettings) -> Void = { _ in }) -> ProviderSettings {
            provider(name, .gemini, server, .image, model: name) { model in
                model.price.perMillionOutputTokens = 1e6
                model.price.perImage = 10_000
                change(&model)
            }
        }
        let alone = try await GatewayBench([drawing("a")])
        let bills = Recorder<ModelUsage>()
        _ = await thrown { try await alone.gateway.draw(prompt, aspectRatio: "1:1") { bills.add($0) } }
        let billed = try #require(bills.all.first)
        #expect((billed.outputTokens, billed.images, billed.cost) == (1150, 0, 1150), "no picture was drawn")
        #expect(try await alone.gateway.status()[0].costToday == 1150)
        let both = try await GatewayBench([drawing("a"), drawing("b")])
        let drawn = try await both.gateway.draw(prompt, aspectRatio: "1:1") { bills.add($0) }
        #expect(drawn.model == ModelName("b/b") && drawn.usage.outputTokens == 1150)
        #expect(bills.all.map(\.cost) == [1150, 1150, 11_150], "each call is told, and none twice")
        #expect(try await both.gateway.status().map(\.costToday) == [1150, 11_150])
    }

    @Test func thoughtsAreNoPictures() async throws {
        var thought = Self.image([9, 9])
        thought["thought"] = true
        let (bench, server) = try await bench(Self.answer([Self.image(Self.drawn), thought]))
        #expect(try await bench.gateway.draw(prompt, aspectRatio: "1:1").picture.bytes == Self.drawn)
        #expect(server.calls.all.count == 1)
    }

    @Test(
        "an answer without a picture says so, and is no fault of the model",
        arguments: ["STOP", "NO_IMAGE", "IMAGE_OTHER", "MALFORMED_RESPONSE", "OTHER", "MAX_TOKENS"],
    )
    func withoutPicture(reason: String) async throws {
        let (bench, server) = try await bench(Self.answer([["text": "I cannot draw that."]], finish: reason))
        for _ in 0..<8 {
            let error = await thrown { try await bench.gateway.draw(prompt, aspectRatio: "1:1") }
            #expect(error?.code == "no_picture" && error?.isPermanent == true)
        }
        #expect(server.calls.all.count == 8, "the model is not paused")
    }

    @Test(
        "a refusal comes as a success, and is final",
        arguments: [
            "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY",
            "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION",
        ],
    )
    func refusal(reason: String) async throws {
        let (bench, server) = try await bench(.json(["candidates": [["finishReason": .string(reason), "index": 0]]]))
        let error = await thrown { try await bench.gateway.draw(prompt, aspectRatio: "1:1") }
        #expect(error?.code == "content_refused" && error?.isPermanent == true)
        #expect(server.calls.all.count == 1)
    }

    @Test func aBlockedQuestionIsFinal() async throws {
        let (bench, server) = try await bench(.json(["promptFeedback": ["blockReason": "IMAGE_SAFETY"]]))
        let error = await thrown { try await bench.gateway.draw(prompt, aspectRatio: "1:1") }
        #expect(error?.code == "content_refused")
        #expect(server.calls.all.count == 1)
    }

    @Test func picturesOfTheMinuteAreReservedBeforeAnythingIsSent() async throws {
        let (bench, server) = try await bench(Self.goodAnswer) {
            $0.quota.imagesPerMinute = 2
            $0.price.perImage = 0.045
        }
        for _ in 0..<2 { _ = try await bench.gateway.draw(prompt, aspectRatio: "1:1") }
        let error = await thrown { try await bench.gateway.draw(prompt, aspectRatio: "1:1") }
        #expect(error?.code == "waiting_rate" && server.calls.all.count == 2)
        let until = try #require(error?.postponedUntil)
        #expect(until > bench.time.now && until <= bench.time.now + .seconds(62))
        let status = try await bench.gateway.status()[0]
        #expect(status.quotas == [.init(name: "pictures a minute", used: 2, limit: 2)])
        #expect(abs(status.costToday - 0.09) < 1e-9)
        bench.time.advance(by: .seconds(62))
        _ = try await bench.gateway.draw(prompt, aspectRatio: "1:1")
        #expect(server.calls.all.count == 3)
    }

    @Test func fullQuotasOfTheFirstModelLeadToTheNext() async throws {
        let server = try FakeProvider { _ in Self.goodAnswer }
        let first = provider("a", .gemini, server, .image) { $0.quota.imagesPerMinute = 1 }
        let bench = try await GatewayBench([first, provider("b", .gemini, server, .image)])
        #expect(try await bench.gateway.draw(prompt, aspectRatio: "1:1").model == ModelName("a/m"))
        #expect(try await bench.gateway.draw(prompt, aspectRatio: "1:1").model == ModelName("b/m"))
    }
}
