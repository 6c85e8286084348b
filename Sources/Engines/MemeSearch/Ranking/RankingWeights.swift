/// How much each leg counts, and below which score nothing fits. Fitted on the development split alone.
package struct RankingWeights: Sendable, Equatable {
    /// Weights of one kind of query; they are divided by their sum, so only their proportions matter.
    package typealias LegWeights = [Leg: Double]

    /// Weights by intent, when vectors take part.
    package var hybrid: [Intent: LegWeights]
    /// Weights by intent, when they do not.
    package var lexical: [Intent: LegWeights]
    /// For a query that is a picture, perhaps with words to it.
    package var picture: LegWeights = [.picture: 0.6, .words: 0.1, .trigrams: 0.1, .labels: 0.05, .dense: 0.15]
    /// Scores below this say that nothing fits, when vectors take part.
    package var hybridFloor: [Intent: Double]
    /// Scores below this say that nothing fits, when they do not.
    package var lexicalFloor: [Intent: Double]
    /// A hit must reach this share of the best score.
    package var shareOfBest = 0.4

    package init(
        hybrid: [Intent: LegWeights],
        lexical: [Intent: LegWeights],
        hybridFloor: [Intent: Double],
        lexicalFloor: [Intent: Double],
    ) {
        self.hybrid = hybrid
        self.lexical = lexical
        self.hybridFloor = hybridFloor
        self.lexicalFloor = lexicalFloor
    }
}
