import Testing

@testable import Translation

/// What goes wrong in translations and is seen without a second model.
@Suite struct AnswerCheckTests {
    struct Case: Sendable {
        let source: String
        let translation: String
        var target = "es"
        let problems: [String]
    }

    @Test(arguments: [
        Case(source: "Open the door", translation: "Abre la puerta", problems: []),
        Case(source: "Open the door", translation: "", problems: ["empty"]),
        Case(source: "Open the door", translation: "…", problems: ["empty"]),
        Case(source: "Open the door", translation: "open THE door!", problems: ["unchanged"]),
        Case(source: "OK", translation: "OK", problems: []),
        Case(source: "Berlin 2026", translation: "Berlin 2026", problems: []),
        Case(source: "Ha", translation: String(repeating: "ja", count: 3), problems: []),
        Case(source: "No", translation: String(repeating: "o", count: 25), problems: ["repetition"]),
        Case(
            source: "No",
            translation: Array(repeating: "no", count: 9).joined(separator: " "),
            problems: ["repetition"],
        ),
        Case(source: "12 of 30", translation: "30 de 12", problems: []),
        Case(source: "12 of 30", translation: "12 de 31", problems: ["numbers_changed"]),
        Case(source: "see www.a.org.", translation: "ver www.a.org", problems: []),
        Case(source: "see https://a.org/x", translation: "ver https://b.org/x", problems: ["urls_changed"]),
        Case(source: "Good morning", translation: "Доброе утро всем", problems: ["wrong_language"]),
        Case(source: "Good morning", translation: "おはようございます", target: "ja", problems: []),
        Case(source: "Good morning", translation: "Good morning to you", target: "ja", problems: ["wrong_language"]),
        Case(source: "Good morning", translation: "早上好,大家早上好", target: "zh-Hans", problems: []),
        Case(source: "The Master Sword", translation: "La espada maestra", problems: ["glossary_missed"]),
        Case(source: "Swordfish", translation: "Pez espada", problems: []),
    ])
    func problems(_ this: Case) {
        var options = TranslationOptions()
        options.glossary = [("sword", "sword")]
        #expect(
            AnswerCheck.problems(this.source, this.translation, to: this.target, options) == this.problems,
            "\(this.source) → \(this.translation)",
        )
    }
}
