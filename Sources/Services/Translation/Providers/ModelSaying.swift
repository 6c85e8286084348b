import Kernel
import ModelGateway

/// What a language model said to a question of ``TranslationPrompt``.
struct ModelSaying: Sendable {
    /// In the shape that was asked for; `nil` when it was not.
    private let value: JSON?
    /// Such as `gemini/gemini-3.5-flash-lite`.
    let model: String

    init(_ answer: ModelAnswer) {
        value = answer.value
        model = answer.model.description
    }

    /// `nil` for what was not in the shape that was asked for: another answer may be.
    init?(json: JSON) {
        guard let value = json["value"], case .object = value, let model = json["model"]?.string else { return nil }
        self.value = value
        self.model = model
    }

    /// As it is kept.
    var json: JSON { ["value": value ?? .null, "model": JSON(model)] }

    /// By the numbers that they had in the question.
    var texts: [Int: String] {
        var texts: [Int: String] = [:]
        for item in value?["blocks"]?.array ?? [] {
            guard let id = item["id"]?.integer, let text = item["translation"]?.string else { continue }
            texts[Int(id)] = text
        }
        return texts
    }

    /// The language that the model found; `nil` when it says none that is known.
    var source: String? { value?["source_language"]?.string.flatMap { Language($0)?.code } }
}
