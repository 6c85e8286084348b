import Kernel
import MemeSearch
import Telemetry
import TextEmbedding
import VectorIndex

/// Asks the index.
struct SearchMemes: Sendable {
    let index: MemeIndex
    /// `nil` when no model is there.
    let vectors: QueryVectors?
    /// `nil` when no model reads the best hits anew.
    let rerank: RerankHits?
    let metrics: MemesMetrics
    /// A search burns CPU for milliseconds.
    let pool: WorkPool

    func callAsFunction(_ query: MemeQuery) async throws -> MemeFindings {
        var request = request(for: query)
        let isWhole = try await addVectors(to: &request, isFinal: !query.completesLastWord)
        let rerank = mayRerank(query, request) ? rerank : nil
        request.count = max(request.count, rerank?.count ?? 0)
        let (index, asked) = (index, request)
        let answer = try await pool.run { MemeSearcher(index.lexical).search(asked) }
        var hits = answer.hits.compactMap(hit)
        var degraded = isWhole ? [] : ["dense"]
        // What stands there as it was typed needs no second opinion: models make such orders worse.
        if let rerank, answer.intent != .exact, !hits.isEmpty {
            if let reranked = try await rerank(hits, for: request.terms[0].text) {
                hits = reranked
            } else {
                degraded.append("rerank")
            }
        }
        if let least = query.leastScore { hits.removeAll { $0.score < least } }
        metrics.countDegraded(degraded)
        return MemeFindings(
            hits: Array(hits.dropFirst(query.offset).prefix(query.count)),
            intent: answer.intent.rawValue,
            degraded: degraded,
        )
    }

    /// A model reads one text, and a text that is still being typed changes before it has read it.
    private func mayRerank(_ query: MemeQuery, _ request: SearchRequest) -> Bool {
        request.terms.count == 1 && query.terms.isEmpty && !query.completesLastWord
    }

    /// Gives every term with words its nearest vectors.
    ///
    /// - Returns: `false` when there are vectors and the words could not be turned into one, so that the answer is less
    ///   than it can be.
    private func addVectors(to request: inout SearchRequest, isFinal: Bool) async throws -> Bool {
        guard let shelf = index.shelf else { return true }
        let places = request.terms.indices.filter { !request.terms[$0].text.isEmpty }
        guard !places.isEmpty else { return true }
        // Vectors of another model mean something else.
        guard let vectors, vectors.embedder.embedder.space == shelf.space else { return false }
        let texts = places.map { request.terms[$0].text }
        guard let found = try await vectors(texts, isFinal: isFinal) else { return false }
        for (place, vector) in zip(places, found) { request.terms[place].dense = dense(vector, shelf) }
        return true
    }

    private func dense(_ vector: [Float], _ shelf: VectorShelf) -> DenseSearch {
        DenseSearch(scale: shelf.scale) { [metrics] count, allowed in
            let startedAt = ContinuousClock.now
            let found = (try? shelf.vectors.searchHere(vector, count: count, allowed: allowed)) ?? []
            metrics.vectorSearch.observe(ContinuousClock.now - startedAt)
            return found.map { (number: $0.number, cosine: $0.cosine) }
        }
    }

    private func request(for query: MemeQuery) -> SearchRequest {
        var typed = SearchQuery(query.text)
        for condition in query.conditions { typed.filter.require(condition.key, condition.values) }
        for id in query.excluded {
            if let number = ID<Meme>(id).flatMap(index.number(of:)) { typed.filter.excluded.insert(number) }
        }
        var request = SearchRequest(typed)
        request.terms += query.terms.map {
            SearchTerm(text: $0.text, weight: $0.weight, pictureHash: $0.pictureHash)
        }
        request.count = query.count + query.offset
        request.collapse = query.collapse
        request.cutOff = query.cutsOff ? .automatic : .none
        request.completesLastWord = query.completesLastWord
        return request
    }

    private func hit(_ hit: SearchHit) -> MemeFindings.Hit? {
        guard let entry = index.entry(hit.number) else { return nil }  // deleted meanwhile
        return MemeFindings.Hit(
            number: hit.number,
            id: entry.id.description,
            score: hit.score,
            terms: hit.terms.map(MemeFindings.Reason.init),
            words: hit.words,
            hidden: hit.hidden,
        )
    }
}

extension MemeFindings.Reason {
    fileprivate init(_ term: ScoreTerm) {
        let leg =
            switch term.source {
            case .leg(let leg, term: 0): leg.rawValue
            case .leg(let leg, let term): "\(leg.rawValue)/\(term)"
            case .feedback: "feedback"
            }
        self.init(leg: leg, share: term.share, weight: term.weight, contribution: term.contribution)
    }
}
