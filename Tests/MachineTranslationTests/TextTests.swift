import Kernel
import Testing

@testable import MachineTranslation

/// The rules around the machine.
@Suite struct TextTests {
    private let none = TermMatcher(.empty)

    @Test(arguments: [
        ("See https://x.org/a?b=c, now", ["https://x.org/a?b=c"]), ("(me@x.org)", ["me@x.org"]),
        ("@name #tag # @", ["@name", "#tag"]),
        ("example.com and end.Start", ["example.com"]), ("25 dogs, 3.5% at 10:30, the 3rd", []),
        ("$9.99 v1.2 12/05/2024 A4 5x3", ["$9.99", "v1.2", "12/05/2024", "A4", "5x3"]), ("“www.x.org”", ["www.x.org"]),
    ])
    func whatIsNoLanguageIsFound(text: String, parts: [String]) {
        #expect(KeptParts(text, terms: none).parts.map(\.written) == parts)
    }

    @Test func whatIsLongerThanAnyWordIsNoLanguage() {
        let long = String(repeating: "a", count: 201)
        #expect(KeptParts("a \(long) b", terms: none).parts.map(\.written) == [long])
        #expect(KeptParts("a \(long.dropLast()) b", terms: none).parts.isEmpty)
    }

    @Test(arguments: 0..<300) func partsComeBackWhereTheyWere(seed: Int) {
        var random = SplitMix(state: UInt64(seed))
        let source = seed.isMultiple(of: 2) ? RandomText.words(using: &random) : RandomText.any(using: &random)
        let parts = KeptParts(source, terms: TermMatcher(Glossary(kept: ["dog", "of the"])))
        #expect(parts.restored(parts.text, .plain) == source)
    }

    @Test(arguments: 0..<300) func sentencesJoinedAreTheText(seed: Int) {
        var random = SplitMix(state: UInt64(seed))
        let text = RandomText.words(using: &random) + ". " + RandomText.any(using: &random)
        #expect(splitSentences(text).map { $0.text + $0.gap }.joined() == text)
        #expect(splitAroundFixed(text).joined() == text)
    }

    @Test(arguments: [
        ("One. Two! Three? four", ["One.", "Two!", "Three? four"]),
        ("Mr. Smith met Dr. Who. He left.", ["Mr. Smith met Dr. Who.", "He left."]),
        ("A title\n\nA text", ["A title", "A text"]), ("Two\nlines", ["Two\nlines"]),
        ("“Go.” Now.", ["“Go.”", "Now."]),
        ("Version 1.2 is out", ["Version 1.2 is out"]), ("J. R. Smith", ["J. R. Smith"]),
    ])
    func sentencesAreSplit(text: String, sentences: [String]) {
        #expect(splitSentences(text).map(\.text) == sentences)
    }

    @Test(arguments: [
        ("EXIT", Casing.upper), ("I AM 5", .upper), ("I", .sentence), ("A", .sentence), ("Exit", .sentence),
        ("exit", .plain),
        ("Summer Festival", .title), ("The Lord of the Rings", .title), ("The dog", .sentence),
        ("Hello World again", .sentence), ("Is that you, Peter?", .sentence),
        ("New York is far from Rome.", .sentence),
        ("", .plain), ("123", .plain), ("iPhone", .plain),
    ])
    func casingIsSeen(text: String, casing: Casing) {
        #expect(Casing(text, language: "en") == casing)
    }

    @Test func theLettersOfACasingAreTakenAndGivenBack() {
        #expect(Casing.upper.lowered("WHEN I'M HERE, I AM", language: "en") == "when I'm here, I am")
        #expect(Casing.sentence.lowered("NASA is here", language: "en") == "NASA is here")
        #expect(Casing.sentence.lowered("“The dog”", language: "en") == "“the dog”")
        #expect(Casing.sentence.lowered("New York is far", language: "en") == "New York is far")
        for text in ["When I came", "When I'm here", "In NASA’s words", "Look. Here", "The dog of John"] {
            #expect(Casing.sentence.lowered(text, language: "en") == text.prefix(1).lowercased() + text.dropFirst())
        }
        #expect(Casing.title.applied(to: "la casa de verano", language: "es") == "La Casa de Verano")
        #expect(Casing.upper.applied(to: "straße", language: "de") == "STRASSE")
        #expect(Casing.sentence.applied(to: "¿qué?", language: "es") == "¿Qué?")
    }

    @Test func spanishBeginsWithTheMarksItEndsWith() {
        let phrases = Phrases(tables: [], from: "en", to: "es")
        #expect(phrases.punctuated("sí!!", like: "Yes!!") == "¡¡sí!!")
        #expect(phrases.punctuated("“qué?!”", like: "“What?!”") == "“¡¿qué?!”")
        #expect(phrases.punctuated("cuándo llueve", like: "when it rains") == "cuando llueve")
        #expect(phrases.punctuated("cuándo llueve?", like: "when does it rain?") == "¿cuándo llueve?")
    }

    @Test func spacesThatTheMachineMakesBeforeMarksGo() {
        let phrases = Phrases(tables: [], from: "en", to: "es")
        #expect(phrases.tidied("soy John .", words: "I am John.") == "soy John.")
        #expect(phrases.tidied("50 % : sí , .", words: "50 % : yes, .") == "50 % : sí, .")
    }

    @Test func phrasesAreFoundInAnyFormAndInBothDirections() {
        let table = PhraseTable.standard
        #expect(table.phrase("  Sold\nOUT!! ", from: "en", to: "es") == .whole("agotado"))
        #expect(table.phrase("You’re welcome.", from: "en", to: "fr") == .whole("de rien"))
        #expect(table.phrase("salida", from: "es", to: "en") == .whole("exit"))
        #expect(table.phrase("saída", from: "pt", to: "fr") == .whole("sortie"))
        #expect(
            table.phrase("Please open the Door!", from: "en", to: "es")
                == .around(words: "open the Door", before: "", after: ", por favor")
        )
        #expect(table.phrase("exit strategy", from: "en", to: "es") == nil)
        #expect(table.phrase("exit", from: "en", to: "vi") == nil)
        #expect(table.phrase("", from: "en", to: "es") == nil)
    }

    @Test(arguments: ["only one\n", "en\tes\na\tb\tc\n", "en\t\na\tb\n"]) func aTableThatIsNoTableIsRefused(
        text: String
    ) {
        let error = #expect(throws: TranslationError.self) { try PhraseTable(text, name: "mine.tsv") }
        #expect(error?.message.contains("mine.tsv, line") == true)
    }

    @Test func everyLineOfTheStandardTableHasAPhraseInTwoLanguages() {
        #expect(PhraseTable.standard.phrase("thank you", from: "en", to: "ca") == .whole("gràcies"))
        #expect(PhraseTable.standard.phrase("emergency exit", from: "en", to: "it") == .whole("uscita di emergenza"))
    }
}
