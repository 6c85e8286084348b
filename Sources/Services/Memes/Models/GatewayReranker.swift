import Glibc
import Kernel
import ModelGateway
import TextEmbedding

/// Scores from a remote model.
package struct GatewayReranker: Reranker {
    private let models: ModelGateway
    private let time: any TimeSource
    private let patience: Duration

    /// `nil` when no remote reranker is set up. A call that takes longer than `patience` has failed.
    package init?(_ models: ModelGateway, time: any TimeSource, patience: Duration) {
        guard models.serves(.rerank) else { return nil }
        self.models = models
        self.time = time
        self.patience = patience
    }

    /// Some models give logits: then all scores of the call are brought into 0…1, which keeps their order.
    package func scores(query: String, documents: [String]) async throws -> [Float] {
        let scores = try await models.rerank(query, documents, until: time.now + patience).scores
        guard scores.contains(where: { !(0...1).contains($0) }) else { return scores }
        return scores.map { 1 / (1 + exp(-$0)) }
    }
}
