import Kernel

/// A meme that some leg brought up, with what every leg says about it.
struct Candidate {
    let number: UInt32
    let entry: IndexEntry
    /// By term of the request.
    var shares: [LegShares]
}

/// One share by leg.
struct LegShares {
    private var values = SIMD8<Float>()

    subscript(leg: Leg) -> Float {
        get { values[Self.place(leg)] }
        set { values[Self.place(leg)] = newValue }
    }

    private static func place(_ leg: Leg) -> Int {
        switch leg {
        case .words: 0
        case .trigrams: 1
        case .labels: 2
        case .coverage: 3
        case .dense: 4
        case .picture: 5
        }
    }
}

/// What the library says to one term.
struct TermLegs {
    let intent: Intent
    /// Words of the index that answer the term.
    let words: Set<String>
    private let byWord: WordLeg
    private let byTrigram: TrigramLeg
    private let byLabel: LabelLeg
    private let pictureHash: UInt64?

    /// Bits of difference at which pictures stop being alike; unrelated ones differ in 32 or so.
    private static let unlike: Float = 24

    init(_ term: SearchTerm, of request: SearchRequest, allowed: NumberSet?, in state: IndexState) {
        let folded = TextFolding.folded(term.text)
        let tokens = Array(queryTokens(folded).prefix(SearchTerm.mostTokens))
        let completes = request.completesLastWord
        var leg = WordLeg(tokens, expandsKnown: false, completesLast: completes, in: state)
        intent = Intent(of: leg, isQuoted: request.isQuoted, allowed: allowed)
        if intent != .exact { leg = WordLeg(tokens, expandsKnown: true, completesLast: completes, in: state) }
        byWord = leg
        byTrigram = TrigramLeg(folded, in: state)
        byLabel = LabelLeg(folded, in: state)
        pictureHash = term.pictureHash
        words = Set(leg.variants.joined().map { state.vocabulary.words[Int($0.place)] })
    }

    /// The numbers that any leg puts among its first `limit`.
    func best(_ limit: Int, allowed: NumberSet?, in state: IndexState) -> NumberSet {
        let legs = [byWord.shares, byTrigram.shares, byLabel.shares]
        var found = NumberSet()
        for shares in legs { found.insert(best: limit, of: shares, allowed: allowed) }
        guard pictureHash != nil else { return found }
        found.insert(best: limit, of: state.entries.map { $0.map(likeness) ?? 0 }, allowed: allowed)
        return found
    }

    func shares(of number: UInt32, _ entry: IndexEntry) -> LegShares {
        var shares = LegShares()
        shares[.words] = byWord.shares[Int(number)]
        shares[.coverage] = byWord.coverage[Int(number)]
        shares[.trigrams] = byTrigram.shares[Int(number)]
        shares[.labels] = byLabel.shares[Int(number)]
        shares[.picture] = likeness(entry)
        return shares
    }

    private func likeness(_ entry: IndexEntry) -> Float {
        guard let pictureHash, let hash = entry.pictureHash else { return 0 }
        return max(0, 1 - Float((hash ^ pictureHash).nonzeroBitCount) / Self.unlike)
    }
}

extension SearchTerm {
    /// Most words that are looked up.
    static let mostTokens = 64
}

extension NumberSet {
    fileprivate mutating func insert(best limit: Int, of shares: [Float], allowed: NumberSet?) {
        var top = TopScores(limit: limit)
        for index in shares.indices where shares[index] > 0 {
            let number = UInt32(index)
            if allowed?.contains(number) ?? true { top.add(number, shares[index]) }
        }
        for (number, _) in top.sorted() { insert(number) }
    }
}

extension Intent {
    fileprivate init(of leg: WordLeg, isQuoted: Bool, allowed: NumberSet?) {
        var exact: Float = 0
        var forgiving: Float = 0
        for index in leg.coverage.indices where leg.coverage[index] > forgiving || leg.exactCoverage[index] > exact {
            guard allowed?.contains(UInt32(index)) ?? true else { continue }
            exact = max(exact, leg.exactCoverage[index])
            forgiving = max(forgiving, leg.coverage[index])
        }
        if isQuoted || exact >= 0.95 && leg.variants.count >= 2 {
            self = .exact
        } else if leg.unknown > 0, forgiving >= 0.5 {
            self = .typo
        } else {
            self = exact < 0.5 ? .semantic : .mixed
        }
    }
}

/// All candidates of a request.
struct FoundCandidates {
    var candidates: [Candidate]
    /// By term.
    let intents: [Intent]
    /// Words of the index that answer terms with a positive weight.
    let words: Set<String>
}

extension LexicalIndex {
    /// What the legs of the index bring up, and what they say about it and about the numbers `beside`.
    func candidates(
        for request: SearchRequest,
        allowed: NumberSet?,
        limit: Int,
        beside numbers: [UInt32],
    ) -> FoundCandidates {
        state.read { state in
            let terms = request.terms.map { TermLegs($0, of: request, allowed: allowed, in: state) }
            let found = zip(request.terms, terms).reduce(NumberSet(numbers)) { found, both in
                both.0.weight > 0 ? found.union(both.1.best(limit, allowed: allowed, in: state)) : found
            }
            let candidates = found.compactMap { number -> Candidate? in
                // A meme that was just deleted may still have vectors.
                guard Int(number) < state.entries.count, let entry = state.entries[Int(number)] else { return nil }
                return Candidate(number: number, entry: entry, shares: terms.map { $0.shares(of: number, entry) })
            }
            return FoundCandidates(
                candidates: candidates,
                intents: terms.map(\.intent),
                words: zip(request.terms, terms).reduce(into: []) { if $1.0.weight > 0 { $0.formUnion($1.1.words) } },
            )
        }
    }
}
