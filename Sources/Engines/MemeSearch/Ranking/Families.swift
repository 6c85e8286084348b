/// Pictures that are variants of one another, told by their perceptual hashes and texts.
package enum Families {
    /// Bits that the hashes of one family differ in at most: the same template with another caption in 9 of 10 cases,
    /// while different pictures differ in 32 or so.
    package static let distance = 10
    /// Bits that the hashes of copies differ in at most.
    package static let copyDistance = 4
    /// Most members of a family among the hits.
    static let mostShown = 2

    /// Whether two memes are one picture, encoded anew or resized: the hash alone cannot tell that from the same template
    /// with another caption. `first` and `second` are perceptual hashes, `texts` is what OCR read in the two; with no
    /// word in both, the hashes must be nearer.
    package static func areCopies(_ first: UInt64, _ second: UInt64, texts: (String, String)) -> Bool {
        let bits = (first ^ second).nonzeroBitCount
        let folded = (TextFolding.folded(texts.0), TextFolding.folded(texts.1))
        if folded.0.isEmpty, folded.1.isEmpty { return bits <= 2 }
        return bits <= copyDistance && similarity(folded.0, folded.1) >= 0.9
    }

    /// Dice's share of common units of two folded texts: trigrams, and bigrams of CJK runs.
    static func similarity(_ first: String, _ second: String) -> Double {
        let units = (units(first), units(second))
        guard !units.0.isEmpty || !units.1.isEmpty else { return 1 }
        return 2 * Double(units.0.intersection(units.1).count) / Double(units.0.count + units.1.count)
    }

    private static func units(_ folded: String) -> Set<Trigram> {
        var units = Set(trigrams(folded))
        for case .characters(let text) in queryTokens(folded) {
            units.insert(text.unicodeScalars.reduce(0) { $0 << 21 | UInt64($1.value) })
        }
        return units
    }
}
