/// BM25 over words, forgiving misspellings: a query word is looked up together with its variants, and they share one
/// rarity, so that a rare misreading weighs no more than the word it stands for.
struct WordLeg {
    /// What a variant keeps of its word's worth for each edit; an equal stem counts as half an edit.
    private static let decay: Float = 0.6
    private static let stemFactor: Float = 0.775
    private static let completionFactor: Float = 0.9
    private static let mostCompletions = 64

    /// Share of what the query could attain, 0…1, by number.
    private(set) var shares: [Float]
    /// Share of the query's rarity that a document holds, 0…1, by number: variants count what they keep of their word's
    /// worth. Unlike ``shares`` it does not fall with the length of the document.
    private(set) var coverage: [Float]
    /// ``coverage`` by what stands there letter by letter.
    private(set) var exactCoverage: [Float]
    /// For each token of the query the words that were looked up.
    private(set) var variants: [[Variant]] = []
    /// How many tokens no document holds letter by letter.
    private(set) var unknown = 0

    /// A word that answers a token, and what share of the worth it keeps.
    struct Variant {
        let place: Int32
        let factor: Float
    }

    /// - Parameters:
    ///   - tokens: Of the query; repeated ones count once.
    ///   - expandsKnown: Whether words that the index knows are looked up with variants too.
    ///   - completesLast: Whether the last word may be the beginning of a longer one.
    ///   - state: The tables.
    init(_ tokens: [Token], expandsKnown: Bool, completesLast: Bool, in state: IndexState) {
        shares = [Float](repeating: 0, count: state.span)
        coverage = shares
        exactCoverage = shares
        var scratch = Scratch(span: state.span)
        var distinct: [Token] = []
        for token in tokens where !distinct.contains(token) { distinct.append(token) }
        var possible: Float = 0
        for (index, token) in distinct.enumerated() {
            let completes = completesLast && index == distinct.count - 1
            let found = Self.variants(of: token, expandsKnown: expandsKnown, completes: completes, in: state)
            variants.append(found)
            possible += add(found, of: token, using: &scratch, in: state)
            if found.first?.factor != 1 { unknown += 1 }
        }
        guard possible > 0 else { return }
        let attainable = possible * state.wordBM25.attainable(terms: distinct.count)
        for index in shares.indices where shares[index] > 0 {
            shares[index] = min(1, shares[index] / attainable)
            coverage[index] /= possible
            exactCoverage[index] /= possible
        }
    }

    /// The token's own word first, with factor 1, when a document holds it.
    private static func variants(
        of token: Token,
        expandsKnown: Bool,
        completes: Bool,
        in state: IndexState,
    ) -> [Variant] {
        let own = state.words.places[token.text]
        var factors: [Int32: Float] = [:]
        if case .word(let word) = token {
            if completes {
                for place in state.completions(of: word, limit: mostCompletions) { factors[place] = completionFactor }
            }
            if own == nil || expandsKnown {
                for (place, edits) in state.vocabulary.misspellings(of: word) {
                    let factor = edits == 1 ? decay : decay * decay
                    factors[place] = max(factor, factors[place] ?? 0)
                }
                for place in state.vocabulary.sameStem(as: word) {
                    factors[place] = max(stemFactor, factors[place] ?? 0)
                }
            }
        }
        if let own { factors[own] = nil }
        let others = factors.map { Variant(place: $0.key, factor: $0.value) }.sorted { $0.place < $1.place }
        return (own.map { [Variant(place: $0, factor: 1)] } ?? []) + others
    }

    /// Adds one token's worth to every document that has a variant of it.
    ///
    /// - Returns: The token's rarity.
    private mutating func add(
        _ variants: [Variant],
        of token: Token,
        using scratch: inout Scratch,
        in state: IndexState,
    ) -> Float {
        let average = state.wordBM25.average
        for variant in variants {
            for posting in state.words.lists[Int(variant.place)] {
                let length = Float(state.wordBM25.lengths[Int(posting.number)])
                let worth = BM25.worth(weight: Float(posting.weight), length: length, average: average)
                scratch.keepMaximum(worth * variant.factor, variant.factor, of: posting.number)
            }
        }
        let rarity = state.wordBM25.rarity(state.frequency(of: token.text, held: scratch.touched.count))
        for number in scratch.touched {
            shares[Int(number)] += rarity * scratch.worths[Int(number)]
            coverage[Int(number)] += rarity * scratch.factors[Int(number)]
            scratch.forget(number)
        }
        scratch.touched.removeAll(keepingCapacity: true)
        if let own = variants.first, own.factor == 1 {
            for posting in state.words.lists[Int(own.place)] { exactCoverage[Int(posting.number)] += rarity }
        }
        return rarity
    }
}

/// The best worth and the best factor of one token by number, and which numbers have one.
private struct Scratch {
    private(set) var worths: [Float]
    private(set) var factors: [Float]
    var touched: [UInt32] = []

    init(span: Int) {
        worths = [Float](repeating: 0, count: span)
        factors = worths
    }

    mutating func keepMaximum(_ worth: Float, _ factor: Float, of number: UInt32) {
        let index = Int(number)
        if worths[index] == 0 { touched.append(number) }
        if worth > worths[index] { worths[index] = worth }
        if factor > factors[index] { factors[index] = factor }
    }

    mutating func forget(_ number: UInt32) {
        worths[Int(number)] = 0
        factors[Int(number)] = 0
    }
}
