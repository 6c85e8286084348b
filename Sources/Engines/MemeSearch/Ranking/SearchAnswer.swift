/// What a search found.
package struct SearchAnswer: Sendable, Equatable {
    /// By score, equal scores by number.
    package var hits: [SearchHit]
    /// What kind of query the first term is.
    package var intent: Intent
    /// The best score before anything was cut off, 0 when no meme was looked at.
    package var best: Double
}

/// A meme that was found, and why.
package struct SearchHit: Sendable, Equatable {
    package var number: UInt32
    /// The sum of the contributions of `terms`; between −1.05 and 1.05.
    package var score: Double
    package var terms: [ScoreTerm]
    /// Folded words of the meme that answer words of the query, in the order of the meme: what to highlight.
    package var words: [String]
    /// How many of its family were left out for variety.
    package var hidden = 0
}

/// One addend of a score.
package struct ScoreTerm: Sendable, Equatable {
    /// Where the addend comes from.
    package enum Source: Sendable, Hashable {
        /// A leg of the term at this index of the request.
        case leg(Leg, term: Int)
        /// Likes and dislikes.
        case feedback
    }

    package var source: Source
    /// What the leg found, 0…1.
    package var share: Double
    /// What a full share would add.
    package var weight: Double
    /// Share times weight.
    package var contribution: Double
}
