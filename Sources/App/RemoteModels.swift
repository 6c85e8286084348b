import Glibc
import Kernel
import ModelGateway
import TextEmbedding

/// Vectors of the embedding model that the settings name, wherever it runs.
struct RemoteEmbedder: TextEmbedder {
    private let models: ModelGateway
    private let time: any TimeSource
    let space: String
    let dimensions: Int

    /// A person waits for a query; without a vector in time the words alone must do.
    private static let queryPatience = Duration.seconds(2)

    /// `nil` when no remote embedding model is set up.
    init?(_ models: ModelGateway, time: any TimeSource) {
        guard let space = models.embeddingSpace else { return nil }
        self.models = models
        self.time = time
        self.space = space.id
        dimensions = space.dimensions
    }

    func embed(_ texts: [String], as purpose: EmbeddingPurpose) async throws -> [[Float]] {
        switch purpose {
        case .query: try await models.embed(texts, as: .query, until: time.now + Self.queryPatience).vectors
        case .document: try await models.embed(texts, as: .document).vectors
        }
    }
}

/// Scores of the reranker that the settings name.
struct RemoteReranker: Reranker {
    private let models: ModelGateway
    private let time: any TimeSource

    private static let patience = Duration.seconds(2)

    /// `nil` when no remote reranker is set up.
    init?(_ models: ModelGateway, time: any TimeSource) {
        guard models.serves(.rerank) else { return nil }
        self.models = models
        self.time = time
    }

    /// Some models give logits: then all scores of the call are brought into 0…1, which keeps their order.
    func scores(query: String, documents: [String]) async throws -> [Float] {
        let scores = try await models.rerank(query, documents, until: time.now + Self.patience).scores
        guard scores.contains(where: { !(0...1).contains($0) }) else { return scores }
        return scores.map { 1 / (1 + exp(-$0)) }
    }
}
