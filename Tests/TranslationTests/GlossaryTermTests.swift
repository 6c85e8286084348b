import Kernel
import TestSupport
import Testing

@testable import Translation

/// The terms of a task's glossary stand in what is delivered, whatever a model says.
@Suite(.timeLimit(.minutes(5))) struct GlossaryTermTests {
    private static let glossary = [
        ("Master Sword", "Espada Maestra"), ("sword", "hoja"), ("Hyrule", "Hyrule"), ("iPhone", "iPhone"),
        ("fire", "lumbre"),
    ]

    private static let texts = [
        "The Master Sword is in Hyrule!", "A sword, a Master Sword and fire.", "HYRULE CASTLE", "Sword",
        "“Fire!” said the king of Hyrule", "your iPhone: 30 % off", "see sword.org for fire",
        "Nothing of the kind here",
        "FIRE\nSWORD", "(sword)", "Fire fire fire on the sword",
    ]

    private func order(_ texts: [String] = Self.texts) throws -> TranslationOrder {
        var options = TranslationOptions()
        options.glossary = Self.glossary.map { (term: $0.0, translation: $0.1) }
        return TranslationOrder(
            texts: texts,
            source: Language("en"),
            target: try #require(Language("es")),
            options: options,
            context: [],
            expenses: Expenses(),
        )
    }

    /// How a model treats what it is told to keep.
    enum Liar: CaseIterable {
        case dropsEverything, translatesTerms, dropsMarks, doublesMarks, obeysAtLast, inventsMarks

        func answer(_ text: String, _ call: Int) -> String {
            switch self {
            case .dropsEverything: "palabras sin nada"
            case .translatesTerms: "la espada y el fuego de Jairul"
            case .dropsMarks: "algo " + text.filter { !"⟦⟧".contains($0) }.lowercased()
            case .doublesMarks: "algo \(text) \(text)"
            case .obeysAtLast: call == 1 ? "algo sin palabras" : "algo \(text)"
            case .inventsMarks: "algo ⟦a⟧ ⟦j⟧"
            }
        }
    }

    @Test(arguments: Liar.allCases) func everyTermIsThereWhateverTheModelDoes(_ liar: Liar) async throws {
        let gemini = try await FakeGemini { texts, _, call in .blocks(texts.mapValues { liar.answer($0, call) }) }
        let order = try order()
        let answer = try await #require(ModelTranslator(gemini.models)).translate(order)
        let check = AnswerCheck(to: "es", order.options)
        let kept = zip(order.texts, answer.texts).count { source, text in
            !check.problems(source, text.text).contains(AnswerCheck.termMissed)
        }
        #expect(kept == Self.texts.count, "\(answer.texts.map(\.text))")
        #expect(gemini.calls.all.count <= 3)
        #expect(answer.texts[3].text == "Hoja")
        #expect(answer.texts[9].text == "(hoja)")
    }

    @Test func aTermThatWasMissedIsOutOfTheModelsReach() async throws {
        let gemini = try await FakeGemini { texts, _, call in
            .blocks(
                texts.mapValues { call == 1 ? "La espada es vieja" : "La \($0.contains("⟦a⟧") ? "⟦a⟧" : "?") es vieja" }
            )
        }
        let answer = try await #require(ModelTranslator(gemini.models)).translate(
            try order(["The Master Sword is old"])
        )
        #expect(answer.texts.map(\.text) == ["La Espada Maestra es vieja"])
        #expect(answer.texts[0].flags.isEmpty)
        let second = try #require(gemini.calls.all.last).text
        #expect(second.contains("The ⟦a⟧ is old"))
        #expect(second.contains("Espada Maestra"), "the model has to build a sentence around it")
        #expect(!second.contains("Always use these words"))
    }

    @Test func whatIsStillMissedIsTranslatedInPieces() async throws {
        let gemini = try await FakeGemini { texts, question, _ in
            let isPieces = question.contains("parts of sentences")
            return .blocks(
                texts.mapValues { isPieces ? ["The": "La", "is old!": "es vieja!"][$0] ?? "?" : "La espada" }
            )
        }
        let answer = try await #require(ModelTranslator(gemini.models)).translate(
            try order(["The Master Sword is old!"])
        )
        #expect(answer.texts.map(\.text) == ["La Espada Maestra es vieja!"])
        #expect(answer.texts[0].flags == ["in_pieces"])
        #expect(gemini.calls.all.count == 3)
    }

    @Test func piecesThatGetSomethingElseWrongAreNotTaken() async throws {
        let gemini = try await FakeGemini { texts, question, _ in
            let isPieces = question.contains("parts of sentences")
            let pieces = ["The": "La", "costs 30 coins": "cuesta 31 monedas"]
            return .blocks(texts.mapValues { isPieces ? pieces[$0] ?? "?" : "La espada cuesta 30 monedas" })
        }
        let order = try order(["The sword costs 30 coins"])
        let answer = try await #require(ModelTranslator(gemini.models)).translate(order)
        #expect(gemini.calls.all.count == 3)
        #expect(answer.texts.map(\.text) == ["La espada cuesta 30 monedas"])
        #expect(answer.texts[0].flags.isEmpty)
    }

    @Test func aTextOfTermsAloneNeedsNoSecondCall() async throws {
        let gemini = try await FakeGemini { texts, _, _ in .blocks(texts.mapValues { _ in "La espada" }) }
        let answer = try await #require(ModelTranslator(gemini.models)).translate(try order(["Master Sword: Hyrule"]))
        #expect(answer.texts.map(\.text) == ["Espada Maestra: Hyrule"])
        #expect(gemini.calls.all.count == 1)
    }

    /// A model that answers nothing to pieces cannot be helped.
    private func silentModel() async throws -> FakeGemini {
        try await FakeGemini { texts, _, call in
            .blocks(texts.mapValues { _ in call < 3 ? "Una espada muy vieja" : "" })
        }
    }

    @Test func theNextProviderTakesWhatTheModelCannotKeep() async throws {
        let gemini = try await silentModel()
        let words = WordList(words: ["the": "la", "cat": "gato"])
        let house = try await TranslationHouse(providers: [#require(ModelTranslator(gemini.models)), words])
        let fields = [("target_language", "es"), ("glossary", #"["hyrule"]"#)]
        let result = try await house.finished(try await house.begin(["the old cat hyrule"], fields))
        let block = try #require(result["partial_results"]?.array?.first?["blocks"]?.array?.first)
        #expect(block["translation"] == "la old gato hyrule")
        #expect(block["flags"] == ["fallback"])
    }

    @Test func aTranslationWithoutItsTermIsNotDelivered() async throws {
        let gemini = try await silentModel()
        let house = try await TranslationHouse(providers: [#require(ModelTranslator(gemini.models))])
        let fields = [("target_language", "es"), ("glossary", #"{"sword": "hoja"}"#)]
        let result = try await house.finished(try await house.begin(["the very old sword"], fields))
        let block = try #require(result["partial_results"]?.array?.first?["blocks"]?.array?.first)
        #expect(block["translation"] == .null || block["translation"] == "the very old sword")
        #expect(block["flags"] == ["glossary_missed"])
        let strict = try await house.finished(
            try await house.begin(["the very old sword"], fields + [("strict", "true")])
        )
        #expect(strict["partial_results"]?.array?.first?["error_code"] == "check_failed")
    }
}
