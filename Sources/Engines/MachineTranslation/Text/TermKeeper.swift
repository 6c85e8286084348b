/// Keeps the terms of a glossary in what any translator makes of a text, and tells where they are lost.
package struct TermKeeper: Sendable {
    private let matcher: TermMatcher

    package init(_ glossary: Glossary) { matcher = TermMatcher(glossary) }

    /// The text with its terms and addresses out of a translator's reach; `language` is its BCP-47 code where it is known.
    package func protect(_ source: String, language: String? = nil) -> ProtectedText {
        ProtectedText(parts(of: source), language: language)
    }

    /// Whether a translation holds every term of its source: as the glossary or the source has it, in capitals, with a
    /// capital first, or without any where it is no term that stays as it is. A term begins a word there; an ending may
    /// follow.
    package func holdsTerms(of source: String, _ translation: String) -> Bool {
        let text = Self.singleSpaced(translation)
        return parts(of: source).parts.allSatisfy { part in
            guard let name = part.name else { return true }
            let given = part.term.map { $0.matchesCase ? [$0.target] : [$0.target, $0.target.lowercased()] }
            let wanted = (given ?? [name, part.written]).map(Self.singleSpaced)
            return wanted.contains { term in
                [term, term.uppercased(), capitalised(term)].contains { Self.holds(text, $0) }
            }
        }
    }

    private func parts(of source: String) -> KeptParts { KeptParts(source, terms: matcher, codes: false) }

    private static func holds(_ text: String, _ term: String) -> Bool {
        guard let first = term.first, first.isLetter, !isPrefixed(first) else { return text.contains(term) }
        let characters = Array(text)
        return text.ranges(of: term).contains { range in
            let start = text.distance(from: text.startIndex, to: range.lowerBound)
            return !WordEdge.isInside(characters, beginningAt: start)
        }
    }

    /// Of Hebrew or Arabic, whose words begin with articles and prepositions.
    private static func isPrefixed(_ character: Character) -> Bool {
        character.unicodeScalars.first.map { (0x590...0x77F).contains($0.value) } ?? false
    }

    private static func singleSpaced(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
