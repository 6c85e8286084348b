import Kernel
import Synchronization
import TestSupport

@testable import Translation

/// Translates English word by word from a list, into Spanish and French only; what it does not know stays.
struct WordList: TranslationProvider {
    let name: String
    let isRemote: Bool
    let calls = Tally()
    /// What it knows.
    let words: [String: String]
    /// Runs before each answer: a test waits or fails here.
    let before: @Sendable (TranslationOrder) async throws -> Void

    init(
        name: String = "embedded",
        isRemote: Bool = false,
        words: [String: String] = Self.standard,
        before: @escaping @Sendable (TranslationOrder) async throws -> Void = { _ in },
    ) {
        self.name = name
        self.isRemote = isRemote
        self.words = words
        self.before = before
    }

    var version: String { "words-1" }

    func reach(from source: Language?, to target: Language) -> TranslationReach? {
        guard source == nil || source?.code == "en" else { return nil }
        return ["es", "fr"].contains(target.code) || isRemote ? .direct : nil
    }

    func translate(_ order: TranslationOrder) async throws -> TranslationAnswer {
        calls.add()
        try await before(order)
        let texts = order.texts.map { text in
            let words = text.split(separator: " ").map { self.words[$0.lowercased()] ?? String($0) }
            return TranslationAnswer.Text(words.joined(separator: " "), confidence: 0.8)
        }
        return TranslationAnswer(texts: texts, source: "en", model: "list", flags: ["machine_translation"])
    }

    static let standard = ["hello": "hola", "world": "mundo", "good": "buenos", "day": "días", "cat": "gato"]
}
