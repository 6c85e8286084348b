/// How much each leg counts, and below which score nothing fits. Fitted on the development split alone.
package struct RankingWeights: Sendable, Equatable {
    /// Weights of one kind of query; they are divided by their sum, so only their proportions matter.
    package typealias LegWeights = [Leg: Double]

    /// Weights by intent, when vectors take part.
    package var hybrid: [Intent: LegWeights]
    /// Weights by intent, when they do not.
    package var lexical: [Intent: LegWeights]
    /// For a query that is a picture.
    package var picture: LegWeights
    /// Scores below this say that nothing fits, when vectors take part.
    package var hybridFloor: [Intent: Double]
    /// Scores below this say that nothing fits, when they do not.
    package var lexicalFloor: [Intent: Double]
    /// A hit must reach this share of the best score.
    package var shareOfBest: Double

    package init(
        hybrid: [Intent: LegWeights],
        lexical: [Intent: LegWeights],
        picture: LegWeights,
        hybridFloor: [Intent: Double],
        lexicalFloor: [Intent: Double],
        shareOfBest: Double,
    ) {
        self.hybrid = hybrid
        self.lexical = lexical
        self.picture = picture
        self.hybridFloor = hybridFloor
        self.lexicalFloor = lexicalFloor
        self.shareOfBest = shareOfBest
    }
}

extension RankingWeights {
    /// The weights the product ships. `Benchmarks/SearchQuality/weights.json` says on which data they were fitted.
    package static let fitted = RankingWeights(
        hybrid: [
            .exact: [.words: 0.35, .trigrams: 0.3, .labels: 0.05, .coverage: 0.2, .dense: 0.1],
            .typo: [.words: 0.4, .trigrams: 0.35, .labels: 0.05, .coverage: 0.05, .dense: 0.15],
            .mixed: [.words: 0.3, .trigrams: 0.2, .labels: 0.1, .coverage: 0.1, .dense: 0.3],
            .semantic: [.words: 0.15, .trigrams: 0.1, .labels: 0.1, .coverage: 0.05, .dense: 0.6],
        ],
        lexical: [
            .exact: [.words: 0.4, .trigrams: 0.35, .labels: 0.05, .coverage: 0.2],
            .typo: [.words: 0.5, .trigrams: 0.4, .labels: 0.05, .coverage: 0.05],
            .mixed: [.words: 0.45, .trigrams: 0.3, .labels: 0.1, .coverage: 0.15],
            .semantic: [.words: 0.4, .trigrams: 0.3, .labels: 0.2, .coverage: 0.1],
        ],
        picture: [.picture: 0.6, .words: 0.1, .trigrams: 0.1, .labels: 0.05, .dense: 0.15],
        hybridFloor: [.exact: 0.3, .typo: 0.3, .mixed: 0.25, .semantic: 0.25],
        lexicalFloor: [.exact: 0.3, .typo: 0.3, .mixed: 0.25, .semantic: 0.3],
        shareOfBest: 0.4,
    )
}
