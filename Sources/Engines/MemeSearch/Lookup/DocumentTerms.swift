/// A document as a database keeps it, for libraries larger than memory: what it is found by, and what filters ask.
package struct DocumentTerms: Sendable {
    /// Words, `~` with each trigram, and labels such as `tag:cat`, each once: no folded word holds `~` or a colon.
    package let terms: [String]
    /// The labels among the terms.
    package let labels: [String]
    /// Folded fields with spaces around each word and a line feed between fields; the words in the picture come first.
    package let folded: String
    /// Width by height; 0 when unknown.
    package let ratio: Float
    /// In the units of ``LibraryStatistics``.
    package let wordLength: Int
    /// In the units of ``LibraryStatistics``.
    package let trigramLength: Int

    /// Longest term in bytes; nobody types longer ones.
    private static let longest = 200

    package init(_ document: SearchDocument) {
        let prepared = PreparedDocument(document)
        let all = prepared.words.map(\.term) + prepared.trigrams.map { $0.term.lookup } + prepared.entry.labels
        terms = all.filter { !$0.isEmpty && $0.utf8.count <= Self.longest }
        labels = prepared.entry.labels
        let fields = prepared.entry.folded.split(separator: "\n", omittingEmptySubsequences: false)
        folded = fields.map { " \($0) " }.joined(separator: "\n")
        ratio = prepared.entry.ratio
        wordLength = prepared.wordLength
        trigramLength = prepared.trigramLength
    }
}

/// What a database is asked for to bring up what may fit a text.
package struct QueryTerms: Sendable {
    /// Words and CJK bigrams, each once, in the order of the text.
    package let words: [String]
    /// As in ``DocumentTerms/terms``.
    package let trigrams: [String]
    /// Tags and emotions that the text may name.
    package let labels: [String]

    package init(_ text: String) {
        let folded = TextFolding.folded(text)
        var words: [String] = []
        for token in queryTokens(folded).prefix(SearchTerm.mostTokens) where !words.contains(token.text) {
            words.append(token.text)
        }
        self.words = words
        trigrams = Set(MemeSearch.trigrams(folded)).sorted().map(\.lookup)
        labels = LabelLeg.candidates(folded)
    }
}

/// One condition of a filter, as a database asks it.
package enum FilterLookup: Sendable {
    /// One of these terms must be there.
    case terms([String], isNegated: Bool)
    /// All of these words must be there, and `pattern` in the folded text, or in its first field only.
    case phrase(words: [String], pattern: String, isInText: Bool, isNegated: Bool)
    /// Width by height.
    case ratio(ClosedRange<Float>, isNegated: Bool)
}

extension SearchFilter {
    /// Every condition but ``excluded``.
    package var lookups: [FilterLookup] {
        labels.map { .terms($0.anyOf, isNegated: $0.isNegated) }
            + phrases.map { phrase in
                FilterLookup.phrase(
                    words: queryTokens(phrase.folded).map(\.text),
                    pattern: pattern(phrase.folded),
                    isInText: phrase.field == .text,
                    isNegated: phrase.isNegated,
                )
            } + ratios.map { .ratio($0.range, isNegated: $0.isNegated) }
    }

    /// Words end at spaces; next to CJK characters there is no word's end to keep to.
    private func pattern(_ folded: String) -> String {
        let isFreeAtStart = (folded.utf8.first ?? 0) >= 0x80
        let isFreeAtEnd = (folded.utf8.last ?? 0) >= 0x80
        return (isFreeAtStart ? "" : " ") + folded + (isFreeAtEnd ? "" : " ")
    }
}

extension Trigram {
    /// As ``DocumentTerms`` spells it.
    var lookup: String {
        var text = "~".unicodeScalars
        for shift in [42, 21, 0] as [UInt64] {
            if let scalar = Unicode.Scalar(UInt32(self >> shift & (1 << 21 - 1))) { text.append(scalar) }
        }
        return String(text)
    }
}
