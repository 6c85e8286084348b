import Jobs
import Kernel

/// Makes the vectors of a meme's words, and ends the pipeline.
struct EmbeddingStage: Sendable {
    let parts: StageParts

    var version: String { "none" }

    func run(_ id: ID<Meme>) async throws -> JobEffect {
        guard let meme = try await parts.memes.find(id) else { return noEffect }
        let result = StageResult(
            stage: .embed,
            version: version,
            state: .skipped,
            detail: "No embedding model is there: run script/setup",
        )
        let (memes, stages) = (parts.memes, parts.stages)
        return parts.effect(meme, result) { transaction in
            let hasFailed = try stages.hasFailed(hash: meme.contentHash, in: transaction)
            try memes.setStatus(hasFailed ? .failed : .ready, of: id, in: transaction)
        }
    }
}
