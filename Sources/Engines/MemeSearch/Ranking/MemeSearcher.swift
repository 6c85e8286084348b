import Glibc
import Kernel

/// Finds memes: asks every leg, and adds up what they say in fixed proportions.
///
/// A search is CPU work of milliseconds: run it on a pool, not on an event loop. Equal requests on an equal index give
/// equal answers, to the bit.
package struct MemeSearcher: Sendable {
    private let index: LexicalIndex
    private let weights: RankingWeights

    /// Candidates that a leg may bring up.
    private static let candidates = 100

    package init(_ index: LexicalIndex, weights: RankingWeights = .fitted) {
        self.index = index
        self.weights = weights
    }

    /// The memes that fit the request best.
    package func search(_ request: SearchRequest) -> SearchAnswer {
        let allowed = index.matching(request.filter)
        guard !request.terms.isEmpty else { return browse(allowed, request) }
        let limit = max(Self.candidates, 2 * request.count)
        var dense = request.terms.map { term in
            Dictionary(
                (term.dense?.search(limit, allowed) ?? []).map { ($0.number, $0.cosine) },
                uniquingKeysWith: max,
            )
        }
        var found = index.candidates(for: request, allowed: allowed, limit: limit, beside: dense.flatMap(\.keys))
        for (place, term) in request.terms.enumerated() {
            guard let search = term.dense else { continue }
            let missing = NumberSet(found.candidates.lazy.map(\.number).filter { dense[place][$0] == nil })
            let others = missing.isEmpty ? [] : search.search(missing.count, missing)
            for (number, cosine) in others { dense[place][number] = cosine }
            for index in found.candidates.indices {
                let cosine = dense[place][found.candidates[index].number] ?? -1
                found.candidates[index].shares[place][.dense] = search.scale.share(of: cosine)
            }
        }
        return answer(found, to: request)
    }

    /// Without words everything that passes is as good.
    private func browse(_ allowed: NumberSet?, _ request: SearchRequest) -> SearchAnswer {
        let numbers = (allowed ?? index.state.read { $0.numbers }).prefix(request.count)
        return SearchAnswer(
            hits: numbers.map { SearchHit(number: $0, score: 0, terms: [], words: []) },
            intent: .exact,
            best: 0,
        )
    }

    private func answer(_ found: FoundCandidates, to request: SearchRequest) -> SearchAnswer {
        let proportions = zip(request.terms, found.intents).map { self.proportions(of: $0, intent: $1, in: request) }
        var ranked = found.candidates.map { candidate in
            let terms = scoreTerms(of: candidate, proportions)
            return RankedCandidate(candidate, terms: terms, score: terms.reduce(0) { $0 + $1.contribution })
        }
        ranked.sort { ($1.score, $0.candidate.number) < ($0.score, $1.candidate.number) }
        let intent = found.intents[0]
        let best = ranked.first?.score ?? 0
        let shown = ranked.filter { isShown($0, best: best, request) }
        let hits = collapsed(shown, request, words: found.words)
        return SearchAnswer(hits: hits, intent: intent, best: best)
    }

    /// What a full share of each leg of the term adds to a score.
    private func proportions(of term: SearchTerm, intent: Intent, in request: SearchRequest) -> [(Leg, Double)] {
        let chosen: RankingWeights.LegWeights
        if term.pictureHash != nil {
            var legs = weights.picture
            if term.dense == nil { legs[.dense] = nil }
            chosen = legs
        } else {
            chosen = (term.dense == nil ? weights.lexical : weights.hybrid)[intent] ?? [:]
        }
        let all = request.terms.reduce(0) { $0 + abs($1.weight) }
        let sum = Leg.allCases.reduce(0) { $0 + (chosen[$1] ?? 0) }
        guard sum > 0, all > 0 else { return [] }
        return Leg.allCases.map { ($0, (chosen[$0] ?? 0) / sum * term.weight / all) }
    }

    private func scoreTerms(of candidate: Candidate, _ proportions: [[(Leg, Double)]]) -> [ScoreTerm] {
        var terms: [ScoreTerm] = []
        for (place, legs) in proportions.enumerated() {
            for (leg, weight) in legs where weight != 0 && candidate.shares[place][leg] > 0 {
                let share = Double(candidate.shares[place][leg])
                terms.append(
                    ScoreTerm(
                        source: .leg(leg, term: place),
                        share: share,
                        weight: weight,
                        contribution: share * weight,
                    )
                )
            }
        }
        if let feedback = feedback(candidate.entry) { terms.append(feedback) }
        return terms
    }

    /// Likes move a meme a little, never past one that clearly fits better.
    private func feedback(_ entry: IndexEntry) -> ScoreTerm? {
        let likes = Double(max(0, entry.likes)) + 1
        let dislikes = Double(max(0, entry.dislikes)) + 1
        let share = min(1, max(-1, 0.4 * log(likes / dislikes)))
        guard share != 0 else { return nil }
        return ScoreTerm(source: .feedback, share: share, weight: 0.05, contribution: share * 0.05)
    }

    private func isShown(_ ranked: RankedCandidate, best: Double, _ request: SearchRequest) -> Bool {
        switch request.cutOff {
        case .none: return true
        case .automatic:
            guard ranked.score > 0, ranked.score >= best * weights.shareOfBest else { return false }
            // The floors were fitted for a single text.
            guard request.terms.count == 1, let term = request.terms.first, term.pictureHash == nil else { return true }
            return fits(ranked.candidate.shares[0], term)
        }
    }

    /// Whether one leg alone is sure enough. The sum would not do: a meme that means the same has few words in common,
    /// and one with the same words need not be near in meaning.
    private func fits(_ shares: LegShares, _ term: SearchTerm) -> Bool {
        var floors = term.dense == nil ? weights.lexicalFloor : weights.hybridFloor
        if term.text.unicodeScalars.contains(where: \.isCJK), let coverage = floors[.coverage] {
            floors[.coverage] = min(coverage, weights.floorOfCJKCoverage)
        }
        let knowsScript = term.dense?.scale.knowsScript(of: term.text) ?? true
        return floors.contains { leg, floor in
            Double(shares[leg]) >= floor && (leg != .dense || knowsScript)
        }
    }
}
