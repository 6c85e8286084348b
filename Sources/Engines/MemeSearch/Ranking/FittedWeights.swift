extension RankingWeights {
    /// The weights the product ships, fitted on the development split of `Benchmarks/SearchQuality` with the hash
    /// `5fd16464a9332348`; `script/bench search --fit` wrote this file.
    package static let fitted = RankingWeights(
        hybrid: [
            .exact: [.words: 0.219, .trigrams: 0.315, .labels: 0.297, .coverage: 0.042, .dense: 0.127],
            .typo: [.words: 0.369, .trigrams: 0.239, .labels: 0.258, .coverage: 0.074, .dense: 0.06],
            .semantic: [.words: 0.146, .trigrams: 0.234, .labels: 0.242, .coverage: 0.026, .dense: 0.351],
            .mixed: [.words: 0.273, .trigrams: 0.267, .labels: 0.254, .coverage: 0.166, .dense: 0.039],
        ],
        lexical: [
            .exact: [.trigrams: 0.224, .labels: 0.362, .coverage: 0.414],
            .typo: [.words: 0.362, .trigrams: 0.319, .labels: 0.319],
            .semantic: [.words: 0.018, .trigrams: 0.474, .labels: 0.398, .coverage: 0.11],
            .mixed: [.words: 0.225, .trigrams: 0.431, .labels: 0.344],
        ],
        hybridFloor: [.words: 0.25, .trigrams: 0.33, .labels: 0.5, .dense: 0.4],
        lexicalFloor: [.words: 0.25, .trigrams: 0.33, .labels: 0.5],
    )
}
