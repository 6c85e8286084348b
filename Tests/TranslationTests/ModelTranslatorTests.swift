import Kernel
import TestSupport
import Testing

@testable import Translation

/// Translating with a language model, against a server that speaks Gemini's format.
@Suite(.timeLimit(.minutes(5))) struct ModelTranslatorTests {
    private func order(
        _ texts: [String],
        to target: String = "vi",
        context: [String] = [],
        change: (inout TranslationOptions) -> Void = { _ in },
    ) throws -> TranslationOrder {
        var options = TranslationOptions()
        change(&options)
        return TranslationOrder(
            texts: texts,
            source: nil,
            target: try #require(Language(target)),
            options: options,
            context: context,
            expenses: Expenses(),
        )
    }

    @Test func textsGoWithNumbersAndComeBackByThem() async throws {
        // Out of order, as models do.
        let gemini = try await FakeGemini { texts, _, _ in .blocks(texts.mapValues { "vi-\($0)" }, source: "en") }
        let translator = try #require(ModelTranslator(gemini.models))
        let answer = try await translator.translate(try order(["Good", "Day"]))
        #expect(answer.texts.map(\.text) == ["vi-Good", "vi-Day"])
        #expect(answer.source == "en")
        #expect(answer.model == "gemini/gemini-flash")
        let body = try #require(gemini.calls.all.first)
        #expect(body["generationConfig"]?["responseMimeType"] == "application/json")
        #expect(body["systemInstruction"] != nil)
        #expect(!body.text.contains("secret-key"))
    }

    @Test func toneGlossaryAndContextAreTold() async throws {
        let gemini = try await FakeGemini { texts, _, _ in .blocks(texts.mapValues { _ in "Lâu đài Hyrule" }) }
        let translator = try #require(ModelTranslator(gemini.models))
        let order = try order(["Hyrule castle"], context: ["The hero sleeps"]) { options in
            options.tone = .game
            options.glossary = [("Hyrule", "Hyrule")]
        }
        _ = try await translator.translate(order)
        let question = try #require(gemini.calls.all.first).text
        #expect(question.contains("video game"))
        #expect(question.contains("Hyrule → Hyrule"))
        #expect(question.contains("The hero sleeps"))
        #expect(gemini.calls.all.count == 1)
    }

    @Test func theModelIsToldWhatWasReadUnsurely() async throws {
        let gemini = try await FakeGemini { texts, _, _ in .blocks(texts.mapValues { _ in "Xin chào" }) }
        let translator = try #require(ModelTranslator(gemini.models))
        var order = try order(["Hello", "He1lo wor1d"])
        order.unsure = [1]
        _ = try await translator.translate(order)
        let question = try #require(gemini.calls.all.first).text
        #expect(question.contains("translate what was meant: ids 1."))
    }

    @Test func onlyWhatFailsACheckIsAskedForAgain() async throws {
        let gemini = try await FakeGemini { texts, question, call in
            if call == 1 { return .blocks([0: "Xin chào", 1: "Open 24 hours today"]) }
            return question.contains("not translated") ? .blocks([1: "Mở cửa 24 giờ hôm nay"]) : .blocks([:])
        }
        let translator = try #require(ModelTranslator(gemini.models))
        let answer = try await translator.translate(try order(["Hello", "Open 24 hours today"]))
        #expect(answer.texts.map(\.text) == ["Xin chào", "Mở cửa 24 giờ hôm nay"])
        #expect(gemini.calls.all.count == 2)
        #expect(!gemini.calls.all[1].text.contains("Hello"))
    }

    @Test func aTermOfTheGlossaryThatWasForgottenIsAskedForAgain() async throws {
        let gemini = try await FakeGemini { _, _, call in .blocks([0: call == 1 ? "Thanh kiếm" : "Thanh Master Sword"])
        }
        let translator = try #require(ModelTranslator(gemini.models))
        let order = try order(["The Master Sword"]) { $0.glossary = [("Master Sword", "Master Sword")] }
        #expect(try await translator.translate(order).texts.map(\.text) == ["Thanh Master Sword"])
    }

    @Test func aSecondAnswerThatIsNoBetterChangesNothing() async throws {
        let gemini = try await FakeGemini { _, _, _ in .blocks([0: "khoảng 31"]) }
        let translator = try #require(ModelTranslator(gemini.models))
        let answer = try await translator.translate(try order(["about 30"]))
        #expect(answer.texts.map(\.text) == ["khoảng 31"])
        #expect(gemini.calls.all.count == 2)
        #expect(AnswerCheck(to: "vi", TranslationOptions()).problems("about 30", "khoảng 31") == ["numbers_changed"])
    }

    @Test func anAnswerWithoutATextIsNone() async throws {
        let gemini = try await FakeGemini { _, _, _ in .blocks([0: "Xin chào"]) }
        let translator = try #require(ModelTranslator(gemini.models))
        await #expect(throws: TranslationError.badAnswer(provider: "model")) {
            try await translator.translate(try order(["Hello", "Bye"]))
        }
    }

    @Test func vietnameseGoesToTheModelAndARefusalToTheMachine() async throws {
        let gemini = try await FakeGemini { texts, _, _ in
            if texts.values.contains("good cat") {
                return .raw(200, #"{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"totalTokenCount":9}}"#)
            }
            return .blocks(texts.mapValues { _ in "Xin chào" })
        }
        let translator = try #require(ModelTranslator(gemini.models))
        let house = try await TranslationHouse(providers: [translator, WordList()])
        // The original's own line: no language, so Vietnamese.
        let answer = try await house.translate([("test.jpg", house.picture("hello"))], [], field: "file")
        let id = try #require(answer.json["task_id"]?.string)
        let result = try await house.finished("/api/v1/translate/result/\(id)")
        #expect(result["target_language"] == "Vietnamese")
        let first = try #require(result["partial_results"]?.array?.first)
        #expect(first["translated_text"] == "Xin chào")
        #expect(first["model"] == "gemini/gemini-flash")
        let refused = try await house.finished(try await house.begin(["good cat"]))
        #expect(refused["partial_results"]?.array?.first?["provider"] == "embedded")
        #expect(refused["partial_results"]?.array?.first?["translated_text"] == "buenos gato")
    }

    @Test func aQuotaOfTheDayIsNoFailure() async throws {
        let body = #"""
            {"error":{"code":429,"message":"You exceeded your current quota.","status":"RESOURCE_EXHAUSTED","details":[
            {"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":
            "GenerateRequestsPerDayPerProjectPerModel-FreeTier","quotaValue":"20"}]},
            {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"5s"}]}}
            """#
        let gemini = try await FakeGemini { _, _, _ in .raw(429, body) }
        let translator = try #require(ModelTranslator(gemini.models))
        do {
            _ = try await translator.translate(try order(["Hello"]))
            Issue.record("it must wait")
        } catch let error as any Failure {
            let until = try #require(error.postponedUntil)
            #expect(until > .now() + .seconds(60), "until the day ends in Los Angeles, whatever RetryInfo says")
        }
        #expect(gemini.calls.all.count == 1)
    }
}
