import ModelGateway

/// Has a language model translate: Gemini, or any that speaks like OpenAI's.
///
/// The model gets the words with numbers, never boxes, and answers with the same numbers; the places are ours.
package struct ModelTranslator: TranslationProvider {
    private let models: ModelGateway

    /// `nil` when no language model is set up.
    package init?(_ models: ModelGateway) {
        guard models.serves(.chat) else { return nil }
        self.models = models
    }

    package var name: String { "model" }
    package var version: String { "prompt-\(TranslationPrompt.version)" }
    package var isRemote: Bool { true }

    package func reach(from source: Language?, to target: Language) -> TranslationReach? { .model }

    /// What fails a check is asked for once more, alone and with what is wrong; then terms and addresses are out of the
    /// model's reach. Where it loses their marks too, it translates what stands between them.
    package func translate(_ order: TranslationOrder) async throws -> TranslationAnswer {
        var work = ModelWork(order, models)
        return try await work.answer(of: name)
    }
}
