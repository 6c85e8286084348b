extension RankingWeights {
    /// The weights the product ships, fitted on the development split of `Benchmarks/SearchQuality` with the hash
    /// `04b9a49108d33a53`; `script/bench search --fit` wrote this file.
    package static let fitted = RankingWeights(
        hybrid: [
            .exact: [.words: 0.049, .trigrams: 0.109, .labels: 0.372, .coverage: 0.43, .dense: 0.041],
            .typo: [.words: 0.315, .trigrams: 0.03, .labels: 0.327, .coverage: 0.298, .dense: 0.03],
            .semantic: [.words: 0.045, .trigrams: 0.262, .labels: 0.307, .coverage: 0.049, .dense: 0.337],
            .mixed: [.words: 0.198, .trigrams: 0.365, .labels: 0.271, .coverage: 0.131, .dense: 0.036],
        ],
        lexical: [
            .exact: [.words: 0.047, .trigrams: 0.106, .labels: 0.384, .coverage: 0.463],
            .typo: [.words: 0.312, .trigrams: 0.038, .labels: 0.328, .coverage: 0.323],
            .semantic: [.words: 0.326, .trigrams: 0.286, .labels: 0.324, .coverage: 0.063],
            .mixed: [.words: 0.281, .trigrams: 0.345, .labels: 0.301, .coverage: 0.073],
        ],
        hybridFloor: [.trigrams: 0.3, .labels: 0.5, .coverage: 0.48, .dense: 0.44],
        lexicalFloor: [.trigrams: 0.3, .labels: 0.5, .coverage: 0.48],
    )
}
