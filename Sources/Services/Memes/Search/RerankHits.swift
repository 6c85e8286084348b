import Kernel

/// Orders the best hits anew by what a model says that reads query and meme together.
struct RerankHits: Sendable {
    let reranker: MemeReranker
    let memes: MemeStore
    let metrics: MemesMetrics
    let texts: MemeTextStore
    let time: any TimeSource
    /// How many of the best hits are read.
    let count: Int
    /// Scores of pairs that were read lately: a changed meme makes every answer old, but not its neighbours' scores.
    private let known = RecentlyUsed<String, Float>(limit: 50_000)

    /// What the model's word counts; the rest is the score so far, which holds what the model cannot read.
    static let weight = 0.7

    init(
        _ reranker: MemeReranker,
        count: Int,
        memes: MemeStore,
        metrics: MemesMetrics,
        texts: MemeTextStore,
        time: any TimeSource,
    ) {
        self.reranker = reranker
        self.count = count
        self.memes = memes
        self.metrics = metrics
        self.texts = texts
        self.time = time
    }

    /// The hits by their new scores, which still are the sums of their terms. Those behind the best keep their order:
    /// their score is what is left of it without the model's word, so they stay behind.
    ///
    /// - Returns: `nil` when the model did not answer in time or not at all.
    func callAsFunction(_ hits: [MemeFindings.Hit], for query: String) async throws -> [MemeFindings.Hit]? {
        let best = Array(hits.prefix(count))
        let documents = try await documents(of: best)
        guard let scores = try await scores(of: documents, for: query) else { return nil }
        let reranked = best.map { $0.reranked(by: scores[$0.id] ?? 0) }
        let ordered = reranked.sorted { ($1.score, $0.number) < ($0.score, $1.number) }
        return ordered + hits.dropFirst(count).map { $0.reranked(by: 0) }
    }

    /// What there is to read, by id; a meme without words has nothing.
    private func documents(of hits: [MemeFindings.Hit]) async throws -> [String: String] {
        let found = try await memes.find(all: hits.compactMap { ID<Meme>($0.id) })
        let words = try await texts.texts(of: found.map(\.id))
        var documents: [String: String] = [:]
        for meme in found {
            let parts = partsToEmbed(meme, words[meme.id] ?? MemeTexts([]))
            if !parts.isEmpty { documents[meme.id.description] = parts.map(\.text).joined(separator: "\n") }
        }
        return documents
    }

    /// Scores by id.
    private func scores(of documents: [String: String], for query: String) async throws -> [String: Float]? {
        var scores: [String: Float] = [:]
        var unread: [(id: String, text: String)] = []
        for (id, text) in documents.sorted(by: { $0.key < $1.key }) {
            if let score = known[key(query, text)] { scores[id] = score } else { unread.append((id, text)) }
        }
        guard !unread.isEmpty else { return scores }
        guard let read = try await read(unread.map(\.text), for: query) else { return nil }
        for (document, score) in zip(unread, read) {
            known[key(query, document.text)] = score
            scores[document.id] = score
        }
        return scores
    }

    /// Asks the model; a search does without one that fails.
    private func read(_ documents: [String], for query: String) async throws -> [Float]? {
        let startedAt = time.now
        do {
            let scores = try await reranker.scores(query: query, documents: documents, time: time)
            metrics.countRerank(scores == nil ? "late" : "ok", time.now - startedAt)
            return scores
        } catch {
            try Task.checkCancellation()
            metrics.countRerank((error as? any Failure)?.code ?? "internal", time.now - startedAt)
            return nil
        }
    }

    private func key(_ query: String, _ document: String) -> String {
        Digest.sha256(Array("\(query)\u{1F}\(document)".utf8)).base64URL
    }
}

extension MemeFindings.Hit {
    /// With the model's word among the terms.
    fileprivate func reranked(by score: Float) -> MemeFindings.Hit {
        let rest = 1 - RerankHits.weight
        let read = MemeFindings.Reason(
            leg: "rerank",
            share: Double(score),
            weight: RerankHits.weight,
            contribution: Double(score) * RerankHits.weight,
        )
        let terms = terms.map { $0.scaled(by: rest) } + (score > 0 ? [read] : [])
        return MemeFindings.Hit(
            number: number,
            id: id,
            score: terms.reduce(0) { $0 + $1.contribution },
            terms: terms,
            words: words,
            hidden: hidden,
        )
    }
}

extension MemeFindings.Reason {
    fileprivate func scaled(by factor: Double) -> MemeFindings.Reason {
        MemeFindings.Reason(leg: leg, share: share, weight: weight * factor, contribution: contribution * factor)
    }
}
