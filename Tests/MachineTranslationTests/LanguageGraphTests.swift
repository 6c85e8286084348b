import Testing

@testable import MachineTranslation

/// Ways between languages are short, and a missing one is named with what would open it.
@Suite struct LanguageGraphTests {
    private let graph = LanguageGraph(
        [
            ("en", "es"), ("es", "en"), ("es", "pt"), ("pt", "es"), ("es", "pt-BR"), ("en", "ca"), ("ca", "fr"),
            ("fr", "es"),
        ]
        .map { LanguagePair(from: $0, to: $1) }
    )

    private func route(_ from: String, _ to: String) -> String? {
        graph.route(from: from, to: to)?.map(\.description).joined(separator: " ")
    }

    @Test func oneStepIsBetterThanTwo() {
        #expect(route("en", "es") == "en-es")
        #expect(route("eng", "spa") == "en-es")
        #expect(route("en", "pt") == "en-es es-pt")
        #expect(route("en", "fr") == "en-ca ca-fr")
    }

    @Test func thereAreNoThreeSteps() {
        #expect(route("pt", "es") == "pt-es")
        #expect(route("pt", "ca") == nil)
        #expect(route("en", "vi") == nil)
    }

    @Test func regionsFallBackToTheirLanguage() {
        #expect(route("en-GB", "es-MX") == "en-es")
        #expect(route("en", "pt-BR") == "en-es es-pt-BR")
        #expect(route("en", "pt-PT") == "en-es es-pt")
        #expect(route("pt-BR", "es") == "pt-es")
    }

    @Test func theSameLanguageNeedsNoStep() {
        #expect(graph.route(from: "en", to: "eng") == [])
        #expect(graph.route(from: "en-GB", to: "en-US") == [])
    }

    @Test func theMatrixSaysWhatAPivotIs() {
        let cells = Dictionary(uniqueKeysWithValues: graph.routes.map { ($0.pair.description, $0) })
        #expect(cells["en-es"]?.quality == .direct)
        #expect(cells["en-es"]?.via == nil)
        #expect(cells["en-pt"]?.quality == .pivot)
        #expect(cells["en-pt"]?.via == "es")
        #expect(cells["pt-ca"] == nil)
        #expect(graph.routes.map(\.pair) == graph.routes.map(\.pair).sorted())
    }

    private func missing(_ from: String, _ to: String) -> [String] {
        DebianPairs.missing(for: LanguagePair(from: from, to: to), installed: graph)
    }

    @Test func aMissingPairIsNamedWithItsPackage() {
        #expect(missing("en", "gl") == ["apertium-en-gl"])
        #expect(missing("en", "it") == ["apertium-cat-ita"] || missing("en", "it") == ["apertium-spa-ita"])
        #expect(missing("en", "vi") == [])
        let error = TranslationError.unsupportedPair(LanguagePair(from: "en", to: "gl"), packages: ["apertium-en-gl"])
        #expect(error.status == 422)
        #expect(error.message.contains("apt-get install apertium-en-gl"))
    }

    @Test func aPackageThatIsInstalledAndGoesTheOtherWayIsNotNamed() {
        // apertium-eng-cat is installed here one way only, so it cannot be what is missing for the other.
        #expect(!missing("ca", "en").contains("apertium-eng-cat"))
    }
}
