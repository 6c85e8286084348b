import Glibc
import Kernel
import ModelGateway
import TextEmbedding

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
