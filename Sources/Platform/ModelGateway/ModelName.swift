/// A model at a provider, written `provider/model`; the model's own name may hold slashes.
package struct ModelName: Sendable, Hashable, CustomStringConvertible {
    /// As the operator called the provider in the settings.
    package let provider: String
    /// As the provider calls the model.
    package let model: String

    package init(provider: String, model: String) {
        self.provider = provider
        self.model = model
    }

    /// Reads `provider/model`; `nil` when a part is missing.
    package init?(_ text: String) {
        guard let slash = text.firstIndex(of: "/") else { return nil }
        self.init(provider: String(text[..<slash]), model: String(text[text.index(after: slash)...]))
        guard !provider.isEmpty, !model.isEmpty else { return nil }
    }

    package var description: String { "\(provider)/\(model)" }
}

/// What a model is asked for.
package enum ModelPurpose: String, Sendable, CaseIterable {
    /// Text about a text.
    case chat
    /// Vectors of texts.
    case embedding
    /// Pictures after pictures and words.
    case image
    /// How well texts answer a query.
    case rerank
    /// Text about pictures.
    case vision
}
