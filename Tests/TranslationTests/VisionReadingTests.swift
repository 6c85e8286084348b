import Database
import HTTPServer
import Kernel
import ModelGateway
import TestSupport
import Testing

@testable import Translation

/// Words that the reader is not sure of (in these tests, those with a `#`).
@Suite(.timeLimit(.minutes(5))) struct VisionReadingTests {
    /// A model that sees and reads, and the bodies of its calls.
    private func gemini(_ answer: FakeGemini.Reply) async throws -> FakeGemini {
        try await FakeGemini(change: { $0.models = [ModelSettings("gemini-eyes", [.vision])] }) { _, _, _ in answer }
    }

    private func translated(_ words: String, _ gemini: FakeGemini, isWanted: Bool = true) async throws -> JSON {
        let house = try await TranslationHouse(models: gemini.models) { $0.usesVision = isWanted }
        let result = try await house.finished(try await house.begin([words]))
        return try #require(result["partial_results"]?.array?.first)
    }

    @Test func theModelGetsOnlyThosePlacesAndItsWordsAreTranslated() async throws {
        let gemini = try await gemini(.text(#"{"texts":[{"id":0,"text":"good day"}]}"#))
        let picture = try await translated("hello\ng##d d#y", gemini)
        let blocks = try #require(picture["blocks"]?.array)
        #expect(blocks.map { $0["source_text"] } == ["hello", "good day"])
        #expect(blocks.map { $0["translation"] } == ["hola", "buenos días"])
        #expect(blocks.map { $0["flags"] } == [[], ["read_by_model"]])
        let parts = try #require(gemini.calls.all.first?["contents"]?.array?.first?["parts"]?.array)
        #expect(parts.count == 2 && parts[0]["inlineData"]?["data"]?.string == Array("part 1".utf8).base64)
    }

    @Test func whatTheModelCannotReadStaysUnsure() async throws {
        let gemini = try await gemini(.text(#"{"texts":[{"id":0,"text":""}]}"#))
        let picture = try await translated("g##d", gemini)
        #expect(picture["blocks"]?.array?.first?["flags"] == ["unsure_reading"])
        #expect(picture["flags"]?.array?.contains("unsure_reading") == true)
    }

    @Test("equal places are looked at once, whatever the model sees there", arguments: ["", "good"])
    func once(words: String) async throws {
        let gemini = try await gemini(.text(#"{"texts":[{"id":0,"text":"\#(words)"}]}"#))
        let house = try await TranslationHouse(models: gemini.models) { $0.usesVision = true }
        let tasks = [
            try await house.begin(Array(repeating: "g##d", count: 10)), try await house.begin(["g##d"]),
        ]
        for task in tasks { _ = try await house.finished(task) }
        #expect(gemini.calls.all.count == 1)
        #expect(try await house.send(.delete, tasks[0]).status == 200)
        _ = try await house.finished(try await house.begin(["g##d"]))
        #expect(gemini.calls.all.count == 1, "the second task still uses it")
    }

    @Test func aModelThatFailsChangesNothing() async throws {
        let picture = try await translated("g##d", gemini(.raw(500, "{}")))
        #expect(picture["state"] == "completed")
        #expect(picture["blocks"]?.array?.first?["source_text"] == "g##d")
    }

    @Test func theDeadlineWinsOverAModelThatNeverAnswers() async throws {
        let (time, gate) = (ManualTime(), Gate())
        let gemini = try await FakeGemini(
            time: time,
            change: { $0.models = [ModelSettings("gemini-eyes", [.vision])] },
        ) {
            _,
            _,
            _ in
            await gate.pass()
            return .text("{}")
        }
        let house = try await TranslationHouse(time: time, models: gemini.models) { $0.usesVision = true }
        let address = try await house.begin(["hello\ng##d"], [("target_language", "es"), ("deadline", "40")])
        while gemini.calls.all.isEmpty { await Task.yield() }
        time.advance(by: .seconds(20))
        let picture = try #require(try await house.finished(address)["partial_results"]?.array?.first)
        #expect(picture["state"] == "completed", "\(picture)")
        #expect(picture["blocks"]?.array?.map { $0["source_text"] } == ["hello", "g##d"])
        #expect(picture["blocks"]?.array?.map { $0["flags"] } == [[], ["unsure_reading"]])
        gate.open()
    }

    @Test func theDeadlineWinsOverAnotherProcessThatLooks() async throws {
        let time = ManualTime()
        let gemini = try await gemini(.text("{}"))
        let house = try await TranslationHouse(time: time, models: gemini.models) { $0.usesVision = true }
        let version = try #require(house.translation.desk.vision?.version)
        let hash = Digest.sha256(house.picture("g##d")).hexadecimal
        #expect(
            try await house.translation.memory.claim(TranslationMemory.key(["look", version, hash, "g##d"]), by: "it")
                == .ours(begun: nil)
        )
        let address = try await house.begin(["g##d"], [("target_language", "es"), ("deadline", "40")])
        while try await house.database.query("SELECT id FROM job WHERE state = 'delayed'").isEmpty {}
        time.advance(by: .seconds(20))
        let picture = try #require(try await house.finished(address)["partial_results"]?.array?.first)
        #expect(picture["state"] == "completed" && picture["translated_text"] == "g##d", "\(picture)")
        #expect(gemini.calls.all.isEmpty)
    }

    @Test func anotherReaderIsLookedAtAnew() async throws {
        let gemini = try await gemini(.text("{}"))
        let reader = Spoken().letterer
        let newer = PictureLetterer(version: "newer", exchange: reader.exchange, read: reader.read, draw: reader.draw)
        let versions = [reader, newer].compactMap { VisionReading(gemini.models, $0)?.version }
        #expect(Set(versions).count == 2)
    }

    @Test func whatALookCostsIsCounted() async throws {
        let gemini = try await FakeGemini(
            change: { provider in
                provider.models = [ModelSettings("gemini-eyes", [.vision])]
                provider.models[0].price.perMillionOutputTokens = 1e6
            }
        ) { _, _, _ in .text(#"{"texts":[{"id":0,"text":"good"}]}"#) }
        let picture = try await translated("g##d", gemini)
        #expect(picture["cost"]?.number == 20, "as many tokens")
    }

    @Test func nobodyLooksUnlessWanted() async throws {
        let gemini = try await gemini(.text("{}"))
        let picture = try await translated("g##d", gemini, isWanted: false)
        #expect(picture["blocks"]?.array?.first?["flags"] == ["unsure_reading"])
        #expect(gemini.calls.all.isEmpty)
    }
}
