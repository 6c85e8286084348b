/// How much each leg counts, and what a leg must say for a meme to fit at all. Fitted on the development split alone.
package struct RankingWeights: Sendable, Equatable {
    /// Weights of one kind of query; they are divided by their sum, so only their proportions matter.
    package typealias LegWeights = [Leg: Double]

    /// Weights by intent, when vectors take part.
    package var hybrid: [Intent: LegWeights]
    /// Weights by intent, when they do not.
    package var lexical: [Intent: LegWeights]
    /// For a query that is a picture, perhaps with words to it.
    package var picture: LegWeights = [.picture: 0.6, .words: 0.1, .trigrams: 0.1, .labels: 0.05, .dense: 0.15]
    /// A meme fits when one leg's share reaches this, when vectors take part.
    package var hybridFloor: LegWeights
    /// A meme fits when one leg's share reaches this, when they do not.
    package var lexicalFloor: LegWeights
    /// ``Leg/coverage`` of a query with Chinese, Japanese or Korean, where it may be lower than the floors say: its pairs of
    /// characters do not stand in a meme by chance, and a misread character takes two of them away. On the development
    /// split it keeps a third of the sentences and half of the mixed queries that the floors hide, and lets no unanswerable
    /// query through.
    package var floorOfCJKCoverage = 0.3
    /// A hit must reach this share of the best score.
    package var shareOfBest = 0.4

    package init(
        hybrid: [Intent: LegWeights],
        lexical: [Intent: LegWeights],
        hybridFloor: LegWeights,
        lexicalFloor: LegWeights,
    ) {
        self.hybrid = hybrid
        self.lexical = lexical
        self.hybridFloor = hybridFloor
        self.lexicalFloor = lexicalFloor
    }
}
