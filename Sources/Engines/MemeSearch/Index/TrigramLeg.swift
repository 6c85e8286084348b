/// BM25 over trigrams: finds what is misspelt, cut short or misread inside words. Only the rarest trigrams of the query
/// are looked up; the frequent ones cost most and tell least.
struct TrigramLeg {
    /// Above this many documents fewer trigrams are looked up.
    private static let manyDocuments = 50_000

    /// Share of what the query could attain, 0…1, by number.
    private(set) var shares: [Float]

    init(_ folded: String, in state: IndexState) {
        shares = [Float](repeating: 0, count: state.span)
        let all = Set(trigrams(folded))
        let known = all.compactMap { gram in state.trigrams.places[gram].map { (gram, Int($0)) } }
            .map { gram, place in
                let list = state.trigrams.lists[place]
                return (gram: gram, list: list, frequency: state.frequency(of: gram.lookup, held: list.count))
            }
            .sorted { ($0.frequency, $0.gram) < ($1.frequency, $1.gram) }
        guard !known.isEmpty else { return }
        let average = state.trigramBM25.average
        var possible: Float = 0
        for (_, list, frequency) in known.prefix(state.trigramBM25.documents > Self.manyDocuments ? 12 : 20) {
            let rarity = state.trigramBM25.rarity(frequency)
            possible += rarity
            for posting in list {
                let length = Float(state.trigramBM25.lengths[Int(posting.number)])
                let worth = BM25.worth(weight: Float(posting.weight), length: length, average: average)
                shares[Int(posting.number)] += rarity * worth
            }
        }
        // Trigrams that no document has are missing from every one, which the chosen ones would not tell.
        let attainable =
            possible * state.trigramBM25.attainable(terms: all.count) * Float(all.count) / Float(known.count)
        for index in shares.indices where shares[index] > 0 { shares[index] = min(1, shares[index] / attainable) }
    }
}
