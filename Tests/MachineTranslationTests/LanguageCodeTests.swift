import Testing

@testable import MachineTranslation

/// Languages have one name here, whoever named them.
@Suite struct LanguageCodeTests {
    @Test(arguments: [
        ("eng", "en"), ("EN", "en"), ("spa", "es"), ("pt_BR", "pt-BR"), ("por-br", "pt-BR"), ("ast", "ast"),
        ("ca_VALENCIA", "ca-valencia"), ("", ""), ("xx", "xx"),
    ])
    func isTheShortestOfBCP47(name: String, code: String) {
        #expect(languageCode(name) == code)
    }

    @Test func regionsAndVariantsCanBeLeftOut() {
        #expect(baseLanguage("pt-BR") == "pt")
        #expect(baseLanguage("en") == "en")
    }
}
