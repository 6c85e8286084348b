import Kernel
import ModelGateway
import TextEmbedding

/// Vectors from a remote model.
package struct GatewayEmbedder: TextEmbedder {
    package let space: String
    package let dimensions: Int
    private let models: ModelGateway

    /// `nil` when no embedding model is set up.
    package init?(_ models: ModelGateway) {
        guard let space = models.embeddingSpace else { return nil }
        self.space = space.id
        dimensions = space.dimensions
        self.models = models
    }

    package func embed(_ texts: [String], as purpose: EmbeddingPurpose) async throws -> [[Float]] {
        guard !texts.isEmpty else { return [] }
        let role: EmbeddingRole = purpose == .query ? .query : .document
        return try await models.embed(texts, as: role).vectors
    }
}
