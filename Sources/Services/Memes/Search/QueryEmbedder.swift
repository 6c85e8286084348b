import Kernel
import MemeSearch
import TextEmbedding

/// The model that turns texts into vectors here.
package struct MemeEmbedder: Sendable {
    let embedder: any TextEmbedder
    /// How cosines of the model are read; `nil` where nobody has measured it.
    let scale: CosineScale?
    /// How long a search waits for the vector of its words; then it goes on without.
    let patience: Duration

    /// `patience` is for models of other machines; one on this machine answers in time.
    /// `isMiniLM` tells that it is the model whose cosines were measured.
    package init(_ embedder: any TextEmbedder, isMiniLM: Bool = false, patience: Duration) {
        self.embedder = embedder
        scale = isMiniLM ? .miniLM : nil
        self.patience = patience
    }

    /// The vectors of texts that somebody looks for; `nil` when they do not come in time or not at all.
    func vectors(of texts: [String], _ metrics: MemesMetrics) async throws -> [[Float]]? {
        let answer = try await withThrowingTaskGroup(of: [[Float]]?.self) { group in
            group.addTask {
                do {
                    return try await embedder.embed(texts, as: .query)
                } catch let error as any Failure {
                    metrics.count(error, of: embedder)
                    return nil
                }
            }
            group.addTask {
                try await Task.sleep(for: patience)
                metrics.countSlow(embedder)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        return answer
    }
}
