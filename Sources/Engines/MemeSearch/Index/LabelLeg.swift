/// Tags and emotions that the query names: their rarity, as a share of all that it names.
struct LabelLeg {
    private static let longestTag = 3

    /// 0…1, by number.
    private(set) var shares: [Float]
    /// The labels that the query names and some document has.
    private(set) var named: [String] = []

    init(_ folded: String, in state: IndexState) {
        shares = [Float](repeating: 0, count: state.span)
        named = Self.candidates(folded).filter { state.labels.places[$0] != nil }
        var possible: Float = 0
        for label in named {
            let list = state.labels.postings(of: label)
            let rarity = state.wordBM25.rarity(state.frequency(of: label, held: list.count))
            possible += rarity
            for posting in list { shares[Int(posting.number)] += rarity }
        }
        guard possible > 0 else { return }
        for index in shares.indices where shares[index] > 0 { shares[index] = min(1, shares[index] / possible) }
    }

    /// Emotions that the query has a word for, and every one to three neighbouring words as a tag.
    static func candidates(_ folded: String) -> [String] {
        let words = folded.split(separator: " ")
        var labels = Emotion.all(in: folded).map(Label.emotion)
        for start in words.indices {
            for end in start..<min(start + longestTag, words.count) {
                let label = "tag:" + words[start...end].joined(separator: " ")
                if !labels.contains(label) { labels.append(label) }
            }
        }
        return labels
    }
}
