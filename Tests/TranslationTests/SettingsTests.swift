import Configuration
import FoundationEssentials
import Kernel
import MachineTranslation
import TestSupport
import Testing

@testable import Translation

/// What operators write about translation.
@Suite struct SettingsTests {
    private func read(_ file: String) throws -> TranslationSettings {
        let reader = SettingsReader(SettingsLayers(file: file, environment: [:]))
        let settings = TranslationSettings(reader)
        _ = try reader.finish()
        return settings
    }

    private func problems(_ file: String) -> [String] {
        do {
            _ = try read(file)
            return []
        } catch {
            return (error as? SettingsError)?.problems.map(\.sentence) ?? ["\(error)"]
        }
    }

    @Test func tablesOfPhrasesAreReadInTheirOrder() throws {
        let folder = try TemporaryFolder()
        try Data("en\tes\nOpen late\tAbierto hasta tarde\n".utf8).write(to: URL(filePath: "\(folder.path)/a.tsv"))
        try Data("# ours\nen\tes\nOpen late\tno\nSold\tVendido\n".utf8).write(to: URL(filePath: "\(folder.path)/b.tsv"))
        let settings = try read("translation: { phrases: [\(folder.path)/a.tsv, \(folder.path)/b.tsv] }")
        #expect(settings.phrases.count == 2)
    }

    @Test func aTableThatCannotBeReadIsNamed() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/broken.tsv"
        try Data("en\tes\none\ttwo\tthree\n".utf8).write(to: URL(filePath: path))
        let found = problems("translation: { phrases: [\(path), \(folder.path)/none.tsv] }")
        #expect(found.contains { $0.contains("line 2") && $0.contains("broken.tsv") }, "\(found)")
        #expect(found.contains { $0.contains("none.tsv, which cannot be read") })
    }

    @Test func phrasesOfAnOperatorAreUsed() async throws {
        let table = try PhraseTable("en\tes\nQuux the frobnicator\tFrobnica el quux\n", name: "ours")
        let translator = ApertiumTranslator(phrases: [table])
        let embedded = try #require(EmbeddedTranslator(translator), "apt-get install apertium-eng-spa")
        let answer = try await embedded.translate(
            TranslationOrder(
                texts: ["QUUX THE FROBNICATOR!"],
                source: Language("en"),
                target: try #require(Language("es")),
                options: TranslationOptions(),
                context: [],
                expenses: Expenses(),
            )
        )
        #expect(answer.texts.map(\.text) == ["¡FROBNICA EL QUUX!"])
    }

    @Test func providersAreNamedAndOrdered() throws {
        #expect(try read("translation: { providers: [image, model] }").providers == ["image", "model"])
        #expect(try read("").providers.isEmpty)
        #expect(problems("translation: { providers: [everybody] }").count == 1)
    }
}
