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
        let source = order.source?.code ?? guess(order)
        if source == order.target.code { return same(order) }
        guard let route = machine.route(from: source, to: order.target.code) else {
            throw TranslationError.unsupportedPair(
                source: Language(source)?.name ?? source,
                target: order.target.name,
                able: machine.advice(from: source, to: order.target.code) + TranslationError.remote,
            )
        }
        let translated = try await machine.translate(
            order.texts,
            from: source,
            to: order.target.code,
            glossary: order.options.terms,
        )
        let texts = translated.map { item in
            TranslationAnswer.Text(
                item.text,
                confidence: item.confidence,
                flags: item.unknownWords > 0 ? ["unknown_words"] : [],
            )
        }
        return TranslationAnswer(
            texts: texts,
            source: source,
            model: "apertium",
            flags: ["machine_translation"] + (route.count == 2 ? ["pivot"] : []),
        )
    }

    /// A few words say little: then English, unless nothing leads from there.
    private func guess(_ order: TranslationOrder) -> String {
        let target = order.target.code
        let guess = machine.guessLanguage(of: order.texts)
        if let guess, guess.language != target || guess.confidence >= 0.5 { return guess.language }
        if target != "en", machine.route(from: "en", to: target) != nil { return "en" }
        return machine.routes.first { $0.pair.to == target }?.pair.from ?? "en"
    }

    /// The words are in the language that was asked for.
    private func same(_ order: TranslationOrder) -> TranslationAnswer {
        TranslationAnswer(
            texts: order.texts.map { TranslationAnswer.Text($0) },
            source: order.target.code,
            flags: ["same_language"],
        )
    }
}

extension ApertiumTranslator {
    /// What the operator would install to have it translated here; nothing when that does not help. Words of which
    /// nobody says the language are taken for English.
    func advice(from source: String?, to target: String) -> [String] {
        let packages = missingPackages(from: source ?? (target == "en" ? "es" : "en"), to: target)
        return packages.isEmpty ? [] : ["embedded (apt-get install \(packages.joined(separator: " ")))"]
    }
}
