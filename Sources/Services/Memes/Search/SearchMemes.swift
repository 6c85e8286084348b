import Kernel
import MemeSearch

/// Asks the index.
struct SearchMemes: Sendable {
    let index: MemeIndex
    /// A search burns CPU for milliseconds.
    let pool: WorkPool

    func callAsFunction(_ query: MemeQuery) async throws -> MemeFindings {
        let request = request(for: query)
        let index = index
        let answer = try await pool.run { MemeSearcher(index.lexical).search(request) }
        return MemeFindings(
            hits: answer.hits.dropFirst(query.offset).compactMap(hit),
            intent: answer.intent.rawValue,
            degraded: [],
        )
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
