extension RankingWeights {
    /// The weights the product ships, fitted on the development split of `Benchmarks/SearchQuality` with the hash
    /// `c7015b7001b20e4d`; `script/bench search --fit` wrote this file.
    package static let fitted = RankingWeights(
        hybrid: [
            .exact: [.words: 0.104, .trigrams: 0.346, .labels: 0.251, .coverage: 0.163, .dense: 0.135],
            .typo: [.words: 0.352, .trigrams: 0.225, .labels: 0.285, .coverage: 0.038, .dense: 0.1],
            .semantic: [.words: 0.334, .trigrams: 0.137, .labels: 0.237, .coverage: 0.05, .dense: 0.242],
            .mixed: [.words: 0.436, .trigrams: 0.046, .labels: 0.408, .coverage: 0.077, .dense: 0.033],
        ],
        lexical: [
            .exact: [.words: 0.257, .trigrams: 0.156, .labels: 0.25, .coverage: 0.338],
            .typo: [.words: 0.319, .trigrams: 0.137, .labels: 0.276, .coverage: 0.268],
            .semantic: [.words: 0.346, .trigrams: 0.285, .labels: 0.331, .coverage: 0.038],
            .mixed: [.words: 0.309, .trigrams: 0.147, .labels: 0.282, .coverage: 0.261],
        ],
        hybridFloor: [.words: 0.28, .trigrams: 0.28, .labels: 0.5, .dense: 0.48],
        lexicalFloor: [.words: 0.28, .trigrams: 0.28, .labels: 0.5],
    )
}
