/// What a segment became.
package struct Translation: Sendable, Hashable, Codable {
    package let text: String
    /// Words that the dictionaries do not know; they stand in the text as they came.
    package let unknownWords: Int
    /// 0…1: the share of known words, less for each step over a third language; 1 for what a phrase table gave. It says
    /// nothing of grammar or of a wrong sense.
    package let confidence: Double

    package init(text: String, unknownWords: Int, confidence: Double) {
        self.text = text
        self.unknownWords = unknownWords
        self.confidence = confidence
    }
}

/// A translation that can be done now: a cell of the matrix of languages.
package struct TranslationRoute: Sendable, Hashable, Codable {
    /// How good a text becomes at best.
    package enum Quality: String, Sendable, Codable {
        /// One step.
        case direct
        /// Two steps over a third language, which adds the faults of both.
        case pivot
    }

    package let pair: LanguagePair
    package let quality: Quality
    /// The language between, of a pivot.
    package let via: String?
}
