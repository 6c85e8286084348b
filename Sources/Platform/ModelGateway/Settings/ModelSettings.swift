import Kernel

/// A provider as the operator set it up.
package struct ProviderSettings: Sendable {
    package var name: String
    /// The section of the settings: projects of one section stand in for each other.
    package var section: String
    package var kind: ProviderKind
    /// Without a slash at its end.
    package var url: String
    package var key: Secret<String>?
    /// Where the operator puts the key.
    package var keySetting: String
    /// How long one call may take.
    package var timeout: Duration
    /// Calls at once, of this process.
    package var concurrency: Int
    package var models: [ModelSettings]

    package init(
        _ name: String,
        _ kind: ProviderKind,
        url: String,
        key: Secret<String>? = nil,
        keySetting: String? = nil,
        timeout: Duration = .seconds(60),
        concurrency: Int = 8,
        models: [ModelSettings] = [],
    ) {
        self.name = name
        section = name
        self.kind = kind
        self.url = url
        self.key = key
        self.keySetting = keySetting ?? "models.providers.\(name).key"
        self.timeout = timeout
        self.concurrency = concurrency
        self.models = models
    }

    /// The same provider once for each key: a project with the models' quotas to itself.
    package func projects(_ keys: [Secret<String>]) -> [ProviderSettings] {
        keys.enumerated().map { index, key in
            var project = self
            project.key = key
            if index > 0 { project.name = "\(name).\(index + 1)" }
            return project
        }
    }
}

/// A model of a provider.
package struct ModelSettings: Sendable {
    package var name: String
    package var purposes: Set<ModelPurpose>
    package var quota = ModelQuota()
    package var price = ModelPrice()
    /// Length of its vectors; embedding models only.
    package var dimensions = 0
    /// Models with vectors of the same space may stand in for each other.
    package var space: String
    /// Texts in one call.
    package var batch: Int?
    /// The instruction before a query, for models that were trained with one; `nil` for the model's usual.
    package var instruction: String?
    /// Whether it takes pictures by their address only.
    package var takesAddressesOnly = false
    /// The largest picture that it draws.
    package var largestDrawing: DrawnSize

    package init(_ name: String, _ purposes: Set<ModelPurpose>) {
        self.name = name
        self.purposes = purposes
        space = name
        largestDrawing = KnownModels.largestDrawing(name)
    }
}

/// What a provider allows; `nil` for as much as one likes.
package struct ModelQuota: Sendable, Hashable {
    package var requestsPerMinute: Int?
    /// Input and output together.
    package var tokensPerMinute: Int?
    package var requestsPerDay: Int?
    package var imagesPerMinute: Int?
    package var imagesPerDay: Int?

    package init() {}
}

/// What a model costs, in one currency for all.
package struct ModelPrice: Sendable, Hashable {
    package var perMillionInputTokens = 0.0
    package var perMillionOutputTokens = 0.0
    /// Of output tokens that are drawn pictures; `nil` for as much as all others.
    package var perMillionDrawnTokens: Double?
    package var perImage = 0.0
    package var perRequest = 0.0

    package init() {}

    func cost(of usage: ModelUsage) -> Double {
        perMillionInputTokens * Double(usage.inputTokens) / 1e6
            + perMillionOutputTokens * Double(usage.outputTokens - usage.drawnTokens) / 1e6
            + (perMillionDrawnTokens ?? perMillionOutputTokens) * Double(usage.drawnTokens) / 1e6
            + perImage * Double(usage.images) + perRequest * Double(usage.requests)
    }
}

/// A model together with its provider: one link of a chain. An object, because tens of thousands of calls hold one in
/// each of their frames.
final class ModelEntry: Sendable {
    let provider: ProviderSettings
    let model: ModelSettings

    init(provider: ProviderSettings, model: ModelSettings) {
        self.provider = provider
        self.model = model
    }

    var name: ModelName { ModelName(provider: provider.name, model: model.name) }
    var kind: ProviderKind { provider.kind }

    /// What keeps it from being used, in words for the operator; empty when nothing does.
    var missing: [String] {
        guard kind.needsKey, provider.key == nil else { return [] }
        return ["a key: \(provider.keySetting)"]
    }
}
