import MemeSearch

/// A search for memes, as somebody asks for it.
package struct MemeQuery: Sendable, Equatable {
    /// What was typed: words, phrases in quotes, filters such as `color:red`, `-` before what is not wanted.
    package var text: String
    /// Most hits, 1 to 100.
    package var count: Int
    package var collapse = SearchRequest.Collapse.family
    /// Whether memes that fit badly are left out.
    package var cutsOff: Bool
    /// The least score of a hit, after everything that changes it; `nil` for any.
    package var leastScore: Double?
    /// Whether the last word may be the beginning of a longer one.
    package var completesLastWord = false
    /// Conditions besides those in the text, as `key:value,value`; their keys are known.
    package var conditions: [Condition] = []
    /// Memes that must not be found.
    package var excluded: [String] = []
    /// Leave out so many hits before the first.
    package var offset = 0
    /// What the hits shall be near to besides the text, or with a negative weight far from.
    package var terms: [Term] = []

    /// Something to be near to.
    package struct Term: Sendable, Equatable {
        package var text = ""
        /// -2 to 2, not 0.
        package var weight = 1.0
        /// The perceptual hash of a picture to resemble.
        package var pictureHash: UInt64?

        package init(text: String = "", weight: Double = 1, pictureHash: UInt64? = nil) {
            self.text = text
            self.weight = weight
            self.pictureHash = pictureHash
        }
    }

    /// A condition that every hit meets.
    package struct Condition: Sendable, Equatable {
        package let key: String
        package let values: [String]

        package init(_ key: String, _ values: [String]) {
            self.key = key
            self.values = values
        }
    }

    /// Searches for what was typed.
    package init(_ text: String, count: Int, cutsOff: Bool) {
        self.text = text
        self.count = count
        self.cutsOff = cutsOff
    }

    /// Equal for searches with equal answers.
    var cacheKey: String {
        let conditions = conditions.map { "\($0.key):\($0.values.joined(separator: ","))" }
        let flags = "\(count)/\(offset)/\(collapse.rawValue)/\(cutsOff)/\(leastScore ?? -2)/\(completesLastWord)"
        let terms = terms.map { "\($0.weight) \($0.pictureHash ?? 0) \($0.text)" }
        return ([text, flags] + conditions + ["!"] + excluded.sorted() + ["+"] + terms).joined(separator: "\u{1F}")
    }
}

/// What a search found.
package struct MemeFindings: Sendable, Equatable {
    /// A meme that was found, and why.
    package struct Hit: Sendable, Equatable {
        package let number: UInt32
        package let id: String
        package let score: Double
        package let terms: [Reason]
        /// Words of the meme that answer words of the query, folded.
        package let words: [String]
        /// How many of its family were left out for variety.
        package let hidden: Int
    }

    /// An addend of a score.
    package struct Reason: Sendable, Equatable {
        /// Such as `words`, `trigrams` or `dense`.
        package let leg: String
        package let share: Double
        package let weight: Double
        package let contribution: Double
    }

    package private(set) var hits: [Hit]
    package let intent: String
    /// Parts that did not answer, such as `dense`.
    package let degraded: [String]

    /// Without the hits that do not pass.
    func keeping(_ passes: (Hit) -> Bool) -> MemeFindings {
        var kept = self
        kept.hits.removeAll { !passes($0) }
        return kept
    }
}
