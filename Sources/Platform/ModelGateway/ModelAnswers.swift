import Kernel

/// What a model said.
package struct ModelAnswer: Sendable {
    /// As it was said, at most 8,000 characters.
    package let text: String
    /// What fits the prompt's shape; `nil` for free text, and when even the second answer did not fit.
    package let value: JSON?
    /// Whether the answer is what was asked for: it fits the shape and was not cut off.
    package let isComplete: Bool
    package let model: ModelName
    /// Of all calls it took.
    package let usage: ModelUsage
}

/// Vectors in the order of the texts, each of length 1.
package struct ModelVectors: Sendable {
    package let vectors: [[Float]]
    package let model: ModelName
    package let usage: ModelUsage
}

/// Scores in the order of the documents. Those of different models cannot be compared; more is better.
package struct ModelScores: Sendable {
    package let scores: [Float]
    package let model: ModelName
    package let usage: ModelUsage
}

/// The vectors that can be compared with each other.
package struct EmbeddingSpace: Sendable, Hashable {
    /// Names model, dimensions and the words before a query; vectors of different ids never meet.
    package let id: String
    package let dimensions: Int
}

/// What calls took, as the provider reports it, else as estimated.
package struct ModelUsage: Sendable, Hashable {
    package var requests = 0
    package var inputTokens = 0
    package var outputTokens = 0
    /// Those of drawn pictures among the output, where the provider tells them apart.
    package var drawnTokens = 0
    package var images = 0
    /// In the currency of the settings' prices; 0 without prices.
    package var cost = 0.0

    package init() {}

    package static func + (left: ModelUsage, right: ModelUsage) -> ModelUsage {
        var sum = left
        sum.requests += right.requests
        sum.inputTokens += right.inputTokens
        sum.outputTokens += right.outputTokens
        sum.drawnTokens += right.drawnTokens
        sum.images += right.images
        sum.cost += right.cost
        return sum
    }
}
