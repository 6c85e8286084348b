import Kernel
import MachineTranslation

/// Translates on this machine, without a network.
package struct EmbeddedTranslator: TranslationProvider {
    private let machine: ApertiumTranslator

    /// `nil` when no pair of languages is installed.
    package init?(_ machine: ApertiumTranslator) {
        guard !machine.pairs.isEmpty else { return nil }
        self.machine = machine
    }

    package var name: String { "embedded" }
    package var version: String { "apertium-1" }
    package var isRemote: Bool { false }

    package func reach(from source: Language?, to target: Language) -> TranslationReach? {
        guard let source else {
            let ways = machine.routes.filter { $0.pair.to == target.code }
            return ways.isEmpty ? nil : ways.contains { $0.quality == .direct } ? .direct : .pivot
        }
        switch machine.route(from: source.code, to: target.code)?.count {
        case 1: return .direct
        case 2: return .pivot
        default: return nil
        }
    }

    package func translate(_ order: TranslationOrder) async throws -> TranslationAnswer {
        let source = order.source?.code ?? "en"
        let kept = order.options.glossary.filter { $0.term == $0.translation }.map(\.term)
        let terms = order.options.glossary.filter { $0.term != $0.translation }.map {
            Glossary.Term(source: $0.term, target: $0.translation)
        }
        let translated = try await machine.translate(
            order.texts,
            from: source,
            to: order.target.code,
            glossary: Glossary(terms: terms, kept: kept),
        )
        let texts = translated.map { item in
            TranslationAnswer.Text(
                item.text,
                confidence: item.confidence,
                flags: item.unknownWords > 0 ? ["unknown_words"] : [],
            )
        }
        let isPivot = machine.route(from: source, to: order.target.code)?.count == 2
        return TranslationAnswer(
            texts: texts,
            source: source,
            model: "apertium",
            flags: ["machine_translation"] + (isPivot ? ["pivot"] : []),
        )
    }
}
