import Kernel

/// What is looked for, and how the answer is cut.
package struct SearchRequest: Sendable {
    /// What counts as one too many of the same.
    package enum Collapse: String, Sendable, CaseIterable {
        /// Copies, and more than two pictures of one family.
        case family
        /// Copies only.
        case exact
        case off
    }

    /// When a meme fits too badly to be shown.
    package enum CutOff: Sendable, Equatable {
        /// By the fitted floors of the legs: possibly nothing is left.
        case automatic
        /// Never.
        case none
    }

    /// What is looked for; none at all finds whatever passes the filter, in the order of numbers.
    package var terms: [SearchTerm]
    package var filter = SearchFilter()
    /// Whether the words stood in quotes.
    package var isQuoted = false
    /// Most hits.
    package var count = 5
    /// Whether the last word may be the beginning of a longer one: for search as you type.
    package var completesLastWord = false
    package var collapse = Collapse.family
    package var cutOff = CutOff.automatic

    package init(terms: [SearchTerm]) { self.terms = terms }

    /// What a person typed.
    ///
    /// - Parameters:
    ///   - query: The text taken apart.
    ///   - dense: The vectors of ``SearchQuery/text``, or nil when there are none.
    package init(_ query: SearchQuery, dense: DenseSearch? = nil) {
        self.init(terms: query.text.isEmpty ? [] : [SearchTerm(text: query.text, dense: dense)])
        filter = query.filter
        isQuoted = query.isQuoted
    }
}

/// One thing to be near to, or with a negative weight far from.
package struct SearchTerm: Sendable {
    package var text: String
    /// −2…2, not 0.
    package var weight: Double
    package var dense: DenseSearch?
    /// The perceptual hash of a picture to resemble.
    package var pictureHash: UInt64?

    package init(text: String, weight: Double = 1, dense: DenseSearch? = nil, pictureHash: UInt64? = nil) {
        self.text = text
        self.weight = weight
        self.dense = dense
        self.pictureHash = pictureHash
    }
}

/// Nearest vectors of a query that was embedded already.
package struct DenseSearch: Sendable {
    /// Nearest first; a number stands once, with the cosine (-1…1) of its nearest part.
    package typealias Neighbours = [(number: UInt32, cosine: Float)]

    let scale: CosineScale
    let search: @Sendable (_ count: Int, _ allowed: NumberSet?) -> Neighbours

    /// - Parameters:
    ///   - scale: Of the vector space.
    ///   - search: The `count` nearest of `allowed` (nil: of all). It is called on the thread of the search, twice.
    package init(
        scale: CosineScale,
        search: @escaping @Sendable (_ count: Int, _ allowed: NumberSet?) -> [(number: UInt32, cosine: Float)],
    ) {
        self.scale = scale
        self.search = search
    }
}
