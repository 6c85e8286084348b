/// A way of finding memes. Each gives shares from 0 to 1 that mean the same for every query.
package enum Leg: String, CaseIterable, Sendable {
    /// Words with their misspellings.
    case words
    /// Rare trigrams.
    case trigrams
    /// Tags and emotions that the query names.
    case labels
    /// How much of the query stands there, misspellings counted less, however long the text is.
    case coverage
    /// Meaning, by vectors.
    case dense
    /// Likeness of pictures.
    case picture
}

/// What kind of query it is, told by how the words of the library answer it; it chooses the weights.
package enum Intent: String, CaseIterable, Sendable {
    /// Quoted, or nearly all of it stands in one meme.
    case exact
    /// Words that nobody wrote, but that resemble words that stand together in a meme.
    case typo
    /// Words that no meme has together.
    case semantic
    case mixed
}

/// Turns cosines of one vector space into shares: models differ in how alike they find unrelated texts.
package struct CosineScale: Sendable, Equatable {
    /// The cosine of texts that have nothing to do with each other: share 0.
    package let floor: Float
    /// The cosine of texts that mean the same: share 1.
    package let ceiling: Float
    /// Whether the model was taught no Chinese, Japanese or Korean: it finds all such texts alike, so that being near
    /// still helps to order them, but is no reason to show one.
    package let isWithoutCJK: Bool

    /// - Parameters:
    ///   - floor: Below `ceiling`.
    ///   - ceiling: At most 1.
    ///   - isWithoutCJK: Of an English model.
    package init(floor: Float, ceiling: Float, isWithoutCJK: Bool = false) {
        self.isWithoutCJK = isWithoutCJK
        precondition(floor < ceiling, "a scale needs a floor below its ceiling")
        self.floor = floor
        self.ceiling = ceiling
    }

    /// A scale for a space of which nothing is known but how near to each other unrelated texts lie: their mean is the
    /// floor, and a text that means the same is taken to lie eight deviations above it, as it does with MiniLM.
    package init(unrelated cosines: [Float]) {
        let count = Float(max(1, cosines.count))
        let mean = cosines.reduce(0, +) / count
        let variance = cosines.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        let floor = min(max(mean, -0.5), 0.9)
        self.init(floor: floor, ceiling: min(1, floor + max(0.05, 8 * variance.squareRoot())))
    }

    /// Of all-MiniLM-L6-v2: unrelated captions lie around 0.1, paraphrases between 0.4 and 0.8.
    package static let miniLM = CosineScale(floor: 0.1, ceiling: 0.8, isWithoutCJK: true)

    func knowsScript(of text: String) -> Bool { !isWithoutCJK || !text.unicodeScalars.contains(where: \.isCJK) }

    /// 0…1.
    package func share(of cosine: Float) -> Float {
        cosine.isFinite ? min(1, max(0, (cosine - floor) / (ceiling - floor))) : 0
    }
}
