import Kernel
import MemeSearch
import Telemetry
import TextEmbedding

/// Searches: vectors, lookup, and a second reading of the best.
struct SearchMemes: Sendable {
    let lookup: any MemeLookup
    /// `nil` when no model is there.
    let vectors: QueryVectors?
    /// `nil` when no model reads the best hits anew.
    let rerank: RerankHits?
    let metrics: MemesMetrics

    func callAsFunction(_ query: MemeQuery) async throws -> MemeFindings {
        var request = try await request(for: query)
        let vectors = try await vectors(for: request, isFinal: !query.completesLastWord)
        let rerank = mayRerank(query, request) ? rerank : nil
        request.count = max(request.count, rerank?.count ?? 0)
        let found = try await lookup.search(request, vectors: vectors ?? [:])
        var hits = found.answer.hits.compactMap { hit in found.ids[hit.number].map { MemeFindings.Hit(hit, id: $0) } }
        var degraded = vectors == nil ? ["dense"] : []
        // What stands there as it was typed needs no second opinion: models make such orders worse.
        if let rerank, found.answer.intent != .exact, !hits.isEmpty {
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
            intent: found.answer.intent.rawValue,
            degraded: degraded,
        )
    }

    /// A model reads one text, and a text that is still being typed changes before it has read it.
    private func mayRerank(_ query: MemeQuery, _ request: SearchRequest) -> Bool {
        request.terms.count == 1 && query.terms.isEmpty && !query.completesLastWord
    }

    /// The vectors of the terms with words, by their places.
    ///
    /// - Returns: `nil` when there are vectors and the words could not be turned into one, so that the answer is less than
    ///   it can be.
    private func vectors(for request: SearchRequest, isFinal: Bool) async throws -> [Int: [Float]]? {
        guard let space = lookup.space else { return [:] }
        let places = request.terms.indices.filter { !request.terms[$0].text.isEmpty }
        guard !places.isEmpty else { return [:] }
        // Vectors of another model mean something else.
        guard let vectors, vectors.embedder.embedder.space == space else { return nil }
        let texts = places.map { request.terms[$0].text }
        guard let found = try await vectors(texts, isFinal: isFinal) else { return nil }
        return Dictionary(uniqueKeysWithValues: zip(places, found))
    }

    private func request(for query: MemeQuery) async throws -> SearchRequest {
        var typed = SearchQuery(query.text)
        for condition in query.conditions { typed.filter.require(condition.key, condition.values) }
        let excluded = query.excluded.compactMap { ID<Meme>($0) }
        if !excluded.isEmpty { typed.filter.excluded = NumberSet(try await lookup.numbers(of: excluded)) }
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
}

extension MemeFindings.Hit {
    fileprivate init(_ hit: SearchHit, id: ID<Meme>) {
        self.init(
            number: hit.number,
            id: id.description,
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
