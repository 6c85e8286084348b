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
        Case(
            source: "A cat sat there",
            translation: "El gato está en el gato está en el gato está en el gato está en casa",
            problems: ["repetition"],
        ),
        Case(
            source: "Sing: la la la, la la la",
            translation: "Canta: la la la, la la la",
            problems: [],
        ),
        Case(source: "12 of 30", translation: "30 de 12", problems: []),
        Case(source: "Costs 1,000.50", translation: "Cuesta 1 000,50", problems: []),
        Case(source: "Room 12", translation: "غرفة ١٢", target: "ar", problems: []),
        Case(source: "Take a ticket", translation: "拿一张票吧大家", target: "zh-Hans", problems: []),
        Case(source: "12 of 30", translation: "12 de 31", problems: ["numbers_changed"]),
        Case(source: "see www.a.org.", translation: "ver www.a.org", problems: []),
        Case(source: "see https://a.org/x", translation: "ver https://b.org/x", problems: ["urls_changed"]),
        Case(source: "Write to me@a.org now", translation: "Escribe a me@a.org ya", problems: []),
        Case(source: "Write to me@a.org now", translation: "Escribe a yo@a.org ya", problems: ["urls_changed"]),
        Case(source: "Visit example.com/shop", translation: "Visita ejemplo.com/shop", problems: ["urls_changed"]),
        Case(source: "Stop.Go on", translation: "Para. Sigue", problems: []),
        Case(source: "Follow @anna and #sale", translation: "Sigue a @anna y #sale", problems: []),
        Case(source: "Follow @anna and #sale", translation: "Sigue a @anna y #rebajas", problems: ["urls_changed"]),
        Case(
            source: "Das Haus ist nicht mehr da",
            translation: "The house is not there any more and we have to go",
            problems: ["wrong_language"],
        ),
        Case(
            source: "The house is not there any more",
            translation: "La casa ya no está donde estaba y tenemos que irnos",
            problems: [],
        ),
        Case(
            source: "The house is old",
            translation: "Het huis is oud en staat op de hoek",
            target: "nl",
            problems: [],
        ),
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
            AnswerCheck(to: this.target, options).problems(this.source, this.translation) == this.problems,
            "\(this.source) → \(this.translation)",
        )
    }
}
