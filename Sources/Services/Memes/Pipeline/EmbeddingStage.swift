import Database
import Jobs
import Kernel
import TextEmbedding

/// Makes the vectors of a meme's words, each part its own, and ends the pipeline.
struct EmbeddingStage: Sendable {
    let parts: StageParts
    let vectors: VectorStore
    /// `nil` when no model is there.
    let embedder: (any TextEmbedder)?
    let metrics: MemesMetrics

    var version: String { embedder?.space ?? "none" }

    func run(_ id: ID<Meme>) async throws -> JobEffect {
        guard let meme = try await parts.memes.find(id) else { return noEffect }
        guard let embedder else {
            let result = StageResult(
                stage: .embed,
                version: version,
                state: .skipped,
                detail: "No embedding model is there: run script/setup",
            )
            return effect(meme, result, [])
        }
        try await vectors.prepare(embedder.space, dimensions: embedder.dimensions, at: parts.time.now)
        let texts = try await parts.texts.texts(of: [id])[id] ?? MemeTexts([])
        let made = try await embed(partsToEmbed(meme, texts), by: embedder)
        return effect(meme, StageResult(stage: .embed, version: embedder.space, state: .done), made)
    }

    /// Ends the pipeline of a meme without vectors.
    func passOver(_ id: ID<Meme>) async throws -> JobEffect {
        guard let meme = try await parts.memes.find(id) else { return noEffect }
        return effect(meme, .leftOut(.embed, version), [])
    }

    private func embed(
        _ texts: [(part: String, text: String)],
        by embedder: any TextEmbedder,
    ) async throws -> [(part: String, vector: [Float])] {
        guard !texts.isEmpty else { return [] }
        do {
            let vectors = try await embedder.embed(texts.map(\.text), as: .document)
            return zip(texts, vectors).map { ($0.part, $1) }
        } catch {
            metrics.count(error, of: embedder)
            throw error
        }
    }

    private func effect(
        _ meme: Meme,
        _ result: StageResult,
        _ made: [(part: String, vector: [Float])],
    ) -> JobEffect {
        let (memes, stages, vectors) = (parts.memes, parts.stages, vectors)
        return parts.effect(meme, result) { transaction in
            let hasFailed = try stages.hasFailed(hash: meme.contentHash, in: transaction)
            try memes.setStatus(hasFailed ? .failed : .ready, of: meme.id, in: transaction)
            guard result.state == .done else { return }
            try vectors.put(made, of: meme.id, in: result.version, transaction)
            try vectors.activateWhenComplete(result.version, in: transaction)
        }
    }
}

/// What is embedded of a meme: the words on it, what it means, and what it and its file are called, apart, so that each
/// can be near to a query by itself.
func partsToEmbed(_ meme: Meme, _ texts: MemeTexts) -> [(part: String, text: String)] {
    let meaning = [MemeField.title, .meaning, .scene].map(texts.joined).filter { !$0.isEmpty }
    let labels = [MemeField.subjects, .emotions, .keywords, .template].flatMap(texts.values)
    let all = [
        (part: "caption", text: texts.joined(.caption)),
        (part: "labels", text: labels.joined(separator: ", ")),
        (part: "meaning", text: meaning.joined(separator: ". ")),
        (part: "name", text: wordsOfNames(meme, texts)),
    ]
    return all.filter { !$0.text.allSatisfy(\.isWhitespace) }
}

/// Sends memes through a model that they have not been through yet.
struct ReembedMemes: JobArguments {
    static let kind = "memes.reembed"
    let space: String
}

extension EmbeddingStage {
    /// Puts every meme that is missing in the space into the queue, page by page.
    func runMissing(_ arguments: ReembedMemes, _ jobs: JobQueue) async throws -> JobEffect {
        guard arguments.space == embedder?.space else { return noEffect }  // another model came meanwhile
        let vectors = vectors
        var last: Int64 = 0
        while true {
            let page = try await vectors.missing(in: arguments.space, after: last, limit: 500)
            guard let end = page.last else { break }
            try await vectors.database.transaction { transaction in
                for meme in page {
                    // One that waits already is enough.
                    try jobs.enqueue(
                        EmbedMeme(meme: meme.id),
                        uniqueKey: "space \(arguments.space) \(meme.id)",
                        priority: -1,
                        in: transaction,
                    )
                }
            }
            last = end.number
        }
        return { transaction in try vectors.activateWhenComplete(arguments.space, in: transaction) }
    }
}
