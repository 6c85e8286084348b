import Kernel
import Testing

@testable import MachineTranslation

/// Terms out of the reach of a translator that is not trusted, and whether they are there afterwards.
@Suite struct ProtectedTextTests {
    private let keeper = TermKeeper(
        Glossary(
            terms: [
                .init(source: "Master Sword", target: "Espada Maestra"),
                .init(source: "sword", target: "hoja"),
                .init(source: "大师剑", target: "Espada Maestra"),
                .init(source: "검", target: "espada"),
            ],
            kept: ["Hyrule", "iPhone"],
        )
    )

    @Test(arguments: [
        ("The Master Sword is old.", "The ⟦a⟧ is old.", "La ⟦a⟧ es vieja.", "La Espada Maestra es vieja."),
        ("A sword (Hyrule's).", "A ⟦a⟧ (⟦b⟧'s).", "Una ⟦a⟧ (de ⟦b⟧).", "Una hoja (de Hyrule)."),
        ("SWORD OF HYRULE!", "⟦a⟧ OF ⟦b⟧!", "⟦a⟧ DE ⟦b⟧", "HOJA DE HYRULE"),
        ("Sword? Yes.", "⟦a⟧? Yes.", "¿⟦a⟧? Sí.", "¿Hoja? Sí."),
        ("see a.org/sword now", "see ⟦a⟧ now", "mira ⟦A⟧ ya", "mira a.org/sword ya"),
        ("pay 5.99 for a sword", "pay 5.99 for a ⟦a⟧", "paga 5,99 por una ⟦a⟧", "paga 5,99 por una hoja"),
        ("⟦a⟧ is a sword", "⟦a⟧ is a ⟪a⟫", "⟦a⟧ es una ⟪a⟫", "⟦a⟧ es una hoja"),
        ("我有大师剑了", "我有⟦a⟧了", "Tengo la ⟦a⟧", "Tengo la Espada Maestra"),
        ("검은 강하다", "⟦a⟧은 강하다", "La ⟦a⟧ es fuerte", "La espada es fuerte"),
    ]) func partsGoAsMarksAndComeBackAsTerms(_ source: String, _ sent: String, _ answer: String, _ expected: String) {
        let text = keeper.protect(source)
        #expect(text.hasParts)
        #expect(text.text == sent)
        #expect(text.restored(answer) == expected)
        #expect(keeper.holdsTerms(of: source, expected))
    }

    @Test(arguments: ["Una espada", "⟦a⟧ y ⟦a⟧", "⟦b⟧", ""]) func aMarkThatIsNotThereOnceIsNoAnswer(_ answer: String) {
        #expect(keeper.protect("A sword").restored(answer) == nil)
    }

    @Test func marksThatAreLeftAreSeen() {
        let text = keeper.protect("A sword")
        #expect(text.hasMarks(in: "una ⟦A⟧ y ⟦a⟧") && !text.hasMarks(in: "una hoja"))
    }

    @Test func whatATranslatorSaysIsNeverTakenForAPart() {
        let text = keeper.protect("A sword")
        #expect(text.restored("\u{F0000}⟦a⟧") == "Hoja")
        #expect(text.joined(["una \u{F0000}"]) == "una hoja")
    }

    @Test(arguments: [
        ("The sword of Hyrule, again!", ["The", "of", "again!"], "The hoja of Hyrule, again!"),
        ("Sword", [], "Hoja"),
        ("(Hyrule): Master Sword", [], "(Hyrule): Espada Maestra"),
        ("  old\nsword ", ["old"], "  old\nhoja "),
        ("nothing here", ["nothing here"], "nothing here"),
    ]) func piecesStandBetweenTheParts(_ source: String, _ pieces: [String], _ joined: String) {
        let text = keeper.protect(source)
        #expect(text.pieces == pieces)
        #expect(text.joined(pieces) == joined)
    }

    @Test(arguments: [
        ("The sword", "La hoja", true), ("The sword", "LA HOJA", true), ("The sword", "Hojas aquí", true),
        ("The sword", "La espada", false), ("The sword", "La rehoja", false), ("The sword", "La hOja", false),
        ("Master Sword", "La Espada\nMaestra", true), ("Master Sword", "La Espada Maestra", true),
        ("Master Sword", "La hoja", false), ("Master Sword", "la espada maestra", true),
        ("swordfish", "pez espada", true),
        ("My iPhone", "Mi iPhone", true), ("My iPhone", "Mi Iphone", false), ("MY IPHONE", "Mi iPhone", true),
        ("in HYRULE", "en Hyrule", true), ("in Hyrule", "en Jairul", false), ("Hyrule", "海拉鲁Hyrule城", true),
        ("see sword.org", "ver sword.org", true),
    ]) func aTranslationHoldsTheTermsOrNot(_ source: String, _ translation: String, _ holds: Bool) {
        #expect(keeper.holdsTerms(of: source, translation) == holds)
    }

    @Test func noTermIsLostHoweverItStands() {
        let names = ["alpha", "alpha beta", "beta", "Gamma", "C++", "delta's", "ümlaut"]
        let keeper = TermKeeper(
            Glossary(
                terms: names.prefix(4).map { .init(source: $0, target: "<\($0)>") },
                kept: Array(names.suffix(3)),
            )
        )
        var random = SplitMix(state: 11)
        for _ in 0..<400 {
            let words = (0..<Int.random(in: 1...9, using: &random)).map { _ -> String in
                let word = Bool.random(using: &random) ? names.randomElement(using: &random) ?? "" : "word"
                let edge = ["", ",", "!", "\"", " (", ") ", "…", "\n"].randomElement(using: &random) ?? ""
                return Bool.random(using: &random) ? word.uppercased() + edge : edge + word
            }
            let source = words.joined(separator: " ")
            let text = keeper.protect(source)
            let joined = text.joined(text.pieces)
            #expect(keeper.holdsTerms(of: source, joined), "\(source) became \(joined)")
            #expect(text.restored(text.text).map { keeper.holdsTerms(of: source, $0) } == true, "\(source)")
        }
    }
}
