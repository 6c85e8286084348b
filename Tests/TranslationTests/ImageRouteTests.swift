import HTTPServer
import Imaging
import Kernel
import ModelGateway
import TestSupport
import Testing

@testable import Translation

/// Pictures that a model draws, and of which only the words' places are used.
@Suite(.timeLimit(.minutes(5))) struct ImageRouteTests {
    private static let spanish = [
        "Open until nine o'clock": "Abierto hasta las nueve", "Ring the bell": "Toque el timbre",
    ]

    /// What the language model says.
    private static let words: @Sendable ([Int64: String], String, Int) -> FakeGemini.Reply = { texts, _, _ in
        .blocks(texts.mapValues { spanish[$0] ?? "palabra" })
    }

    private func house(
        _ gemini: FakeGemini,
        change: (inout TranslationSettings) -> Void = { _ in },
    ) async throws -> TranslationHouse {
        let letterer = try await realLetterer.value
        return try await TranslationHouse(
            providers: [
                try #require(ImageTranslator(gemini.models, letterer)), try #require(ModelTranslator(gemini.models)),
            ],
            letterer: letterer,
            change: change,
        )
    }

    private func begin(
        _ signs: [DrawnSign],
        in house: TranslationHouse,
        by provider: String? = "image",
    ) async throws -> String {
        let fields = [("target_language", "es")] + (provider.map { [("provider", $0)] } ?? [])
        let files = signs.enumerated().map { (name: "\($0.offset).png", bytes: $0.element.file) }
        let answer = try await house.translate(files, fields)
        return "/api/v1/translate/result/\(try #require(answer.json["task_id"]?.string, "\(answer.text)"))"
    }

    private func translated(
        _ sign: DrawnSign,
        in house: TranslationHouse,
        by provider: String? = "image",
    ) async throws -> JSON {
        let result = try await house.finished(try await begin([sign], in: house, by: provider))
        return try #require(result["partial_results"]?.array?.first)
    }

    /// A file of a result.
    private func bitmap(_ url: JSON?, in house: TranslationHouse) async throws -> Bitmap {
        let address = try #require(url?.string)
        let path = address.firstRange(of: "/api/").map { String(address[$0.lowerBound...]) }
        let answer = try await house.get(try #require(path))
        try #require(answer.status == 200)
        return try Bitmap.decode(answer.body, before: Deadline(after: .seconds(60)))
    }

    @Test func onlyThePlacesOfTheWordsComeFromTheDrawing() async throws {
        let painter = Painter()
        let gemini = try await FakeGemini(
            draw: { file, words, _ in .picture(try await painter.draw(file, words)) },
            Self.words,
        )
        let house = try await house(gemini)
        let sign = try await DrawnSign(["Open until nine o'clock", "Ring the bell"])
        let picture = try await translated(sign, in: house)
        #expect(picture["provider"] == "image" && picture["model"] == "gemini/gemini-image", "\(picture)")
        #expect(picture["flags"] == ["drawn_by_model"])
        #expect(picture["translated_text"]?.string?.contains("Toque el timbre") == true)
        #expect(picture["quality"]?["residual"]?.number == 0)
        #expect(picture["quality"]?["readback_cer"]?.number ?? 1 < 0.1)
        let drawn = try await bitmap(picture["image_url"], in: house)
        let mask = try await bitmap(picture["mask_url"], in: house)
        #expect(drawn.size == DrawnSign.size)
        var brightened = 0
        for pixel in 0..<drawn.size.pixels {
            let range = pixel * 3..<pixel * 3 + 3
            if mask.pixels[pixel * mask.bands] == 0 {
                try #require(drawn.pixels[range] == sign.pixels.pixels[range], "pixel \(pixel) lies outside")
            } else if drawn.pixels[pixel * 3] == 240 + Painter.brighter {
                brightened += 1
            }
        }
        #expect(brightened > 2_000, "the places are the model's")
    }

    @Test func theModelIsToldTheWordsAndTheShape() async throws {
        let painter = Painter()
        let gemini = try await FakeGemini(
            draw: { file, words, _ in .picture(try await painter.draw(file, words)) },
            Self.words,
        )
        _ = try await translated(DrawnSign(["Ring the bell"]), in: house(gemini))
        let body = try #require(gemini.drawings.all.first)
        #expect(body["generationConfig"]?["imageConfig"]?["aspectRatio"] == "16:9")
        let question = try #require(body["contents"]?.array?.first?["parts"]?.array?.last?["text"]?.string)
        #expect(question.contains("Ring the bell") && question.contains("Toque el timbre"))
    }

    @Test("an answer without a picture is asked for once more", arguments: ["STOP", "NO_IMAGE", "IMAGE_OTHER"])
    func second(reason: String) async throws {
        let painter = Painter()
        let gemini = try await FakeGemini(
            draw: { file, words, call in
                call == 1 ? .text("No.", finish: reason) : .picture(try await painter.draw(file, words))
            },
            Self.words,
        )
        let picture = try await translated(DrawnSign(["Ring the bell"]), in: house(gemini))
        #expect(picture["provider"] == "image" && gemini.drawings.all.count == 2)
    }

    @Test(
        "words instead of a picture lead to the words' own route, which is not paid for twice",
        arguments: [true, false],
    )
    func fallback(isAlone: Bool) async throws {
        let gemini = try await FakeGemini(draw: { _, _, _ in .text("I cannot draw that.") }, Self.words)
        let picture = try await translated(
            DrawnSign(["Ring the bell"]),
            in: house(gemini),
            by: isAlone ? "image" : "image, model",
        )
        #expect(gemini.drawings.all.count == 2 && gemini.calls.all.count == 1)
        if isAlone {
            #expect(picture["state"] == "failed" && picture["error_code"] == "no_picture")
        } else {
            #expect(picture["provider"] == "model" && picture["translated_text"] == "Toque el timbre")
            #expect(picture["flags"] == [])
        }
    }

    @Test(
        "whatever was billed is counted, with what was worth nothing",
        arguments: ["words", "square", "refusal"],
        [true, false],
    )
    func billed(kind: String, isAlone: Bool) async throws {
        let refusal =
            #"{"candidates":[{"finishReason":"IMAGE_SAFETY","index":0}],"usageMetadata":{"candidatesTokenCount":7}}"#
        let gemini = try await FakeGemini(
            draw: { file, words, _ in
                switch kind {
                case "words": .text("I cannot draw that.")
                case "square":
                    .picture(try await Painter(size: PixelSize(width: 1024, height: 1024)).draw(file, words))
                default: .raw(200, refusal)
                }
            },
            change: { provider in
                for index in provider.models.indices { provider.models[index].price.perMillionOutputTokens = 1e6 }
            },
            Self.words,
        )
        let picture = try await translated(
            DrawnSign(["Ring the bell"]),
            in: house(gemini),
            by: isAlone ? "image" : "image,model",
        )
        #expect(picture["state"] == (isAlone ? "failed" : "completed"), "\(picture)")
        // One token costs 1: the words 20, and two drawings or one refusal.
        let drawings = kind == "words" ? 40.0 : kind == "square" ? 2240 : 7
        #expect(picture["cost"]?.number == 20 + drawings)
    }

    @Test("a picture that cannot be used is none", arguments: ["square", "another", "broken"])
    func unusable(kind: String) async throws {
        let gemini = try await FakeGemini(
            draw: { file, words, _ in
                switch kind {
                case "square":
                    .picture(try await Painter(size: PixelSize(width: 1024, height: 1024)).draw(file, words))
                case "another": .picture(try Self.darkness.png())
                default: .picture(Array("no picture".utf8))
                }
            },
            Self.words,
        )
        let house = try await house(gemini)
        let sign = try await DrawnSign(["Ring the bell"])
        let alone = try await translated(sign, in: house)
        #expect(alone["state"] == "failed" && alone["error_code"] == "drawing_unusable", "\(alone)")
        let followed = try await translated(sign, in: house, by: "image,model")
        #expect(followed["provider"] == "model" && followed["state"] == "completed")
    }

    private static let darkness = Bitmap(
        size: PixelSize(width: 160, height: 90),
        bands: 3,
        pixels: Array(repeating: 9, count: 160 * 90 * 3),
    )

    @Test func aRefusalGoesToTheNextAtOnce() async throws {
        let refusal =
            #"{"candidates":[{"finishReason":"IMAGE_SAFETY","index":0}],"usageMetadata":{"promptTokenCount":9}}"#
        let gemini = try await FakeGemini(draw: { _, _, _ in .raw(200, refusal) }, Self.words)
        let picture = try await translated(DrawnSign(["Ring the bell"]), in: house(gemini), by: "image,model")
        #expect(picture["provider"] == "model" && gemini.drawings.all.count == 1)
    }

    @Test func wordsThatTheModelMisspeltAreSetHere() async throws {
        let painter = Painter(misspelling: { $0.hasPrefix("Toque") ? "Xoqwe zz trrbimbe" : $0 })
        let gemini = try await FakeGemini(
            draw: { file, words, _ in .picture(try await painter.draw(file, words)) },
            Self.words,
        )
        let picture = try await translated(DrawnSign(["Open until nine o'clock", "Ring the bell"]), in: house(gemini))
        let flags = picture["blocks"]?.array?.map { $0["flags"] ?? .null }
        #expect(flags == [[], ["redrawn"]], "\(picture)")
        #expect(picture["quality"]?["readback_cer"]?.number ?? 1 < 0.1)
    }

    @Test func anEditIsSetHereAndTheRestStaysTheModels() async throws {
        let painter = Painter()
        let gemini = try await FakeGemini(
            draw: { file, words, _ in .picture(try await painter.draw(file, words)) },
            Self.words,
        )
        let house = try await house(gemini)
        let sign = try await DrawnSign(["Open until nine o'clock", "Ring the bell"])
        let address = try await begin([sign], in: house)
        let before = try #require(try await house.finished(address)["partial_results"]?.array?.first)
        let old = try await bitmap(before["image_url"], in: house)
        let body: JSON = ["blocks": [["id": 1, "translation": "Llame usted"]]]
        let edited = try await house.send(.patch, "\(address)/images/0/blocks", body).json
        #expect(edited["quality"]?["readback_cer"]?.number ?? 1 < 0.1, "\(edited)")
        let new = try await bitmap(edited["image_url"], in: house)
        let row = DrawnSign.size.width * 3
        #expect(old.pixels[..<(row * 120)] == new.pixels[..<(row * 120)], "the first line is the same")
        #expect(old != new)
        #expect(gemini.drawings.all.count == 1)
    }

    @Test func equalPicturesArePaidForOnce() async throws {
        let painter = Painter()
        let gemini = try await FakeGemini(
            draw: { file, words, _ in .picture(try await painter.draw(file, words)) },
            change: { $0.models[1].price.perImage = 0.25 },
            Self.words,
        )
        let house = try await house(gemini)
        let sign = try await DrawnSign(["Ring the bell"])
        let result = try await house.finished(try await begin([sign, sign], in: house))
        let costs = result["partial_results"]?.array?.compactMap { $0["cost"]?.number } ?? []
        #expect(costs.sorted() == [0, 0.25], "\(result)")
    }

    @Test func equalPicturesAreDrawnOnceAndTheChainOfTheSettingsIsAsked() async throws {
        let painter = Painter()
        let gemini = try await FakeGemini(
            draw: { file, words, _ in .picture(try await painter.draw(file, words)) },
            Self.words,
        )
        let house = try await house(gemini) { $0.providers = ["image", "model"] }
        let sign = try await DrawnSign(["Ring the bell"])
        let result = try await house.finished(try await begin([sign, sign, sign], in: house, by: nil))
        #expect(result["partial_results"]?.array?.allSatisfy { $0["provider"] == "image" } == true, "\(result)")
        #expect(gemini.drawings.all.count == 1)
    }

    @Test func nobodyDrawsUnlessAsked() async throws {
        let gemini = try await FakeGemini(draw: { _, _, _ in .text("No.") }, Self.words)
        let picture = try await translated(DrawnSign(["Ring the bell"]), in: house(gemini), by: nil)
        #expect(picture["provider"] == "model" && gemini.drawings.all.isEmpty)
    }
}
