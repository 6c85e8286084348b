import Kernel
import Testing

@testable import MachineTranslation

/// Texts through the real machine.
@Suite(.timeLimit(.minutes(10))) struct TranslatorTests {
    private static let shared = Result { try installedTranslator() }

    private func spanish(_ segments: String..., glossary: Glossary = .empty) async throws -> [String] {
        try await Self.shared.get().translate(segments, from: "en", to: "es", glossary: glossary).map(\.text)
    }

    @Test func sentencesAreTranslated() async throws {
        #expect(try await spanish("The dog is big.", "Hello world") == ["El perro es grande.", "Hola mundo"])
    }

    @Test func capitalsComeBackAsCapitals() async throws {
        #expect(
            try await spanish("SUMMER FESTIVAL", "Summer Festival", "summer festival", "THE DOG IS BIG!")
                == ["FESTIVAL DE VERANO", "Festival de Verano", "festival de verano", "¡EL PERRO ES GRANDE!"]
        )
    }

    @Test func namesThatLostTheirCapitalsAreFoundAgain() async throws {
        #expect(try await spanish("THE DOG IS IN LONDON", "John Smith") == ["EL PERRO ES EN LONDRES", "John Smith"])
    }

    @Test func aNameThatBeginsASentenceStaysOne() async throws {
        #expect(
            try await spanish("New York is far", "It is far to New York.", "But Tom is here.")
                == ["Nueva York es lejos", "Es lejos a Nueva York.", "Pero Tom es aquí."]
        )
    }

    @Test func signsAreLookedUpWhole() async throws {
        #expect(
            try await spanish("EXIT", "Sold out!", "Open file", "Danger! Wet floor!", "wet  paint.")
                == ["SALIDA", "¡Agotado!", "Abrir archivo", "¡Peligro! ¡Piso mojado!", "pintura fresca."]
        )
    }

    @Test func questionsBeginWithTheirMark() async throws {
        let text = try await spanish("Where is the dog? It is big.")[0]
        #expect(text.hasPrefix("¿D"))
        #expect(text.hasSuffix("? Es grande."))
    }

    @Test func politenessMovesToTheEnd() async throws {
        #expect(try await spanish("Please open the door.")[0].hasSuffix(", por favor."))
    }

    @Test func whiteSpaceAndLinesStay() async throws {
        #expect(
            try await spanish("  The dog\nis big.\n\nHello   world\t") == ["  El perro\nes grande.\n\nHola   mundo\t"]
        )
        #expect(try await spanish("", " ", "\n\n", "42", "😀 !!") == ["", " ", "\n\n", "42", "😀 !!"])
    }

    @Test func addressesNamesTagsAndCodesStay() async throws {
        let kept = [
            "https://x.org/a?b=[c]^d$&e={f}", "me@x.org", "#BigDog", "@the_dog", "v1.2.3", "$9.99", "12/05/2024",
            "*dog*",
        ]
        for part in kept.dropLast() {
            let text = try await spanish("THE DOG of \(part) is big, and the cat too.")[0]
            #expect(text.contains(part))
        }
        #expect(try await spanish("The *dog* is {big}.") == ["El *perro* es {grande}."])
    }

    @Test func numbersStay() async throws {
        let text = try await spanish("I have 25 dogs and 1,234.50 cats at 10:30 (50%).")[0]
        for number in ["25", "1,234.50", "10:30", "50%"] { #expect(text.contains(number)) }
    }

    @Test func centuriesHaveOtherNumbersInSpanish() async throws {
        #expect(try await spanish("The 19th century was long.")[0].hasPrefix("El siglo XIX"))
        let english = try await Self.shared.get().translate(["El siglo XIX fue largo."], from: "es", to: "en")
        #expect(english[0].text.hasPrefix("The 19th century"))
    }

    @Test func aSentenceWithTwoNamesIsNoHeading() async throws {
        #expect(try await spanish("It was John, not Mary.")[0] == "Era John, no Mary.")
    }

    @Test func unknownWordsAreCounted() async throws {
        let translations = try await Self.shared.get().translate(
            ["The zorblax is big.", "The dog is big.", "EXIT"],
            from: "eng",
            to: "spa",
        )
        #expect(translations.map(\.unknownWords) == [1, 0, 0])
        #expect(translations.map(\.confidence) == [0.75, 1, 1])
        #expect(translations[0].text == "El zorblax es grande.")
    }

    @Test func twoHopsReachAThirdLanguage() async throws {
        let translator = try Self.shared.get()
        #expect(translator.route(from: "en", to: "pt")?.map(\.description) == ["en-es", "es-pt"])
        let translations = try await translator.translate(
            ["The dog of @rex is big.", "EXIT", "THE DOG IS BIG"],
            from: "en",
            to: "pt",
        )
        #expect(translations.map(\.text) == ["O cão de @rex é grande.", "SAÍDA", "O CÃO É GRANDE"])
        #expect(translations[0].confidence == 0.8)
    }

    @Test func theSameLanguageIsLeftAlone() async throws {
        let translations = try await Self.shared.get().translate(["Hello  world"], from: "en", to: "en-GB")
        #expect(translations == [Translation(text: "Hello  world", unknownWords: 0, confidence: 1)])
    }

    @Test func aPairThatIsNotThereIsRefusedWithItsPackage() async throws {
        let translator = try Self.shared.get()
        let error = await #expect(throws: TranslationError.self) {
            try await translator.translate(["Hello"], from: "en", to: "vi")
        }
        #expect(error?.status == 422)
        #expect(error?.isPermanent == true)
    }

    @Test func tooMuchIsRefused() async throws {
        var limits = patientLimits
        (limits.segments, limits.segmentBytes) = (2, 10)
        let translator = try installedTranslator(limits)
        await #expect(throws: TranslationError.tooManySegments(3, limit: 2)) {
            try await translator.translate(["a", "b", "c"], from: "en", to: "es")
        }
        await #expect(throws: TranslationError.segmentTooLong(bytes: 11, limit: 10)) {
            try await translator.translate(["a", "hello world"], from: "en", to: "es")
        }
    }

    @Test func aPhraseOfTheUserComesFirst() async throws {
        let table = try PhraseTable("en\tes\nexit\tsalida por aquí\n", name: "mine.tsv")
        let translator = try installedTranslator(phrases: [table])
        let texts = try await translator.translate(["EXIT", "Push"], from: "en", to: "es").map(\.text)
        #expect(texts == ["SALIDA POR AQUÍ", "Empujar"])
    }
}
