import Kernel
import Testing

@testable import MachineTranslation

/// What a user decides stands in every translation.
@Suite(.timeLimit(.minutes(10))) struct GlossaryTests {
    private func matches(_ text: String, _ glossary: Glossary) -> [String] {
        let characters = Array(text)
        return TermMatcher(glossary).matches(in: characters).map { String(characters[$0.range]) }
    }

    @Test func termsAreWholeWordsInAnyCase() {
        let glossary = Glossary(terms: [.init(source: "cat", target: "gato")])
        #expect(
            matches("Cat, CAT! concatenate cats cat's a-cat cat_1 cat", glossary) == [
                "Cat", "CAT", "cat", "cat", "cat",
            ]
        )
    }

    @Test func theLongerTermWinsAndWhiteSpaceIsOne() {
        let glossary = Glossary(terms: [.init(source: "log", target: "x"), .init(source: "log  in", target: "y")])
        #expect(matches("log in, log\n in, log", glossary) == ["log in", "log\n in", "log"])
    }

    @Test func aTermThatMatchesCaseIsFoundOnlySo() {
        let glossary = Glossary(terms: [.init(source: "May", target: "mayo", matchesCase: true)])
        #expect(matches("May may MAY", glossary) == ["May"])
    }

    @Test func termsThatAreNoWordsAreFoundToo() {
        let glossary = Glossary(
            terms: [.init(source: "C++", target: "C++"), .init(source: "", target: "x")],
            kept: ["★"],
        )
        #expect(matches("C++ is ★", glossary) == ["C++", "★"])
    }

    @Test func termsAreKeptWhateverTheMachineSays() async throws {
        let translator = try installedTranslator()
        let glossary = Glossary(
            terms: [
                .init(source: "dog", target: "chucho"),
                .init(source: "Big Blue", target: "Gran Azul", matchesCase: true),
                .init(source: "save", target: "archivar"),
            ],
            kept: ["Snack Bar"],
        )
        let cases = [
            ("The dog of Big Blue is old.", ["chucho", "Gran Azul"]),
            ("Dog and dog and DOG.", ["Chucho", "chucho", "CHUCHO"]),
            ("DO NOT FEED THE DOG", ["CHUCHO"]),
            ("Save", ["Archivar"]),
            ("MEET US AT THE SNACK BAR", ["SNACK BAR"]),
            ("Visit https://dog.org/dog", ["https://dog.org/dog"]),
        ]
        for (source, expected) in cases {
            let text = try await translator.translate([source], from: "en", to: "es", glossary: glossary)[0].text
            for term in expected { #expect(text.contains(term), "\(source) became \(text)") }
        }
    }

    /// All terms, in random places of random texts, over one step and two.
    @Test(arguments: ["es", "pt"]) func noTermIsEverLost(to: String) async throws {
        let translator = try installedTranslator()
        let terms = (0..<12).map {
            Glossary.Term(source: "term\($0) word", target: "Objetivo-\($0)", matchesCase: true)
        }
        var random = SplitMix(state: 5)
        let chosen = (0..<80).map { _ in terms.shuffled(using: &random).prefix(Int.random(in: 1...4, using: &random)) }
        let sources = chosen.map { terms in
            terms.map { RandomText.words(using: &random) + " " + $0.source + " " }.joined()
        }
        let translations = try await translator.translate(
            sources,
            from: "en",
            to: to,
            glossary: Glossary(terms: terms),
        )
        for (terms, translation) in zip(chosen, translations) {
            for term in terms { #expect(translation.text.contains(term.target)) }
        }
    }
}
