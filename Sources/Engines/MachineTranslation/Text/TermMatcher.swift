/// Finds the terms of a glossary in texts.
struct TermMatcher: Sendable {
    struct Match: Equatable {
        let range: Range<Int>
        /// As the glossary has it.
        let name: String
        /// `nil` for a term that is kept as it is.
        let term: Glossary.Term?
    }

    private struct Candidate {
        let name: String
        let letters: [String]
        let exact: [Character]?
        let term: Glossary.Term?
    }

    /// By the first letter; the first that fits is taken.
    private let candidates: [String: [Candidate]]

    init(_ glossary: Glossary) {
        let decided = glossary.terms.map { term in
            let source = Self.joined(term.source)
            return Candidate(
                name: term.source,
                letters: source.map { $0.lowercased() },
                exact: term.matchesCase ? source : nil,
                term: term,
            )
        }
        let kept = glossary.kept.map {
            Candidate(name: $0, letters: Self.joined($0).map { $0.lowercased() }, exact: nil, term: nil)
        }
        let sorted = (decided + kept).filter { !$0.letters.isEmpty }.enumerated().sorted { one, other in
            let (left, right) = (one.element, other.element)
            if left.letters.count != right.letters.count { return left.letters.count > right.letters.count }
            if (left.exact != nil) != (right.exact != nil) { return left.exact != nil }
            return one.offset < other.offset
        }
        candidates = Dictionary(grouping: sorted.map(\.element)) { $0.letters[0] }
    }

    /// In the order of the text, without overlaps; whole words only, and white space fits any white space.
    func matches(in text: [Character]) -> [Match] {
        guard !candidates.isEmpty else { return [] }
        let letters = text.map { $0.isWhitespace ? " " : $0.lowercased() }
        var result: [Match] = []
        var position = 0
        while position < text.count {
            if let match = match(at: position, text, letters) {
                result.append(match)
                position = match.range.upperBound
            } else {
                position += 1
            }
        }
        return result
    }

    private func match(at start: Int, _ text: [Character], _ letters: [String]) -> Match? {
        for candidate in candidates[letters[start]] ?? [] {
            guard let end = end(of: candidate, at: start, text, letters) else { continue }
            if WordEdge.isInside(text, beginningAt: start) || WordEdge.isInside(text, endingAt: end) { continue }
            return Match(range: start..<end, name: candidate.name, term: candidate.term)
        }
        return nil
    }

    private func end(of candidate: Candidate, at start: Int, _ text: [Character], _ letters: [String]) -> Int? {
        var position = start
        for (index, letter) in candidate.letters.enumerated() {
            guard position < letters.count, letters[position] == letter else { return nil }
            if letter == " " {
                while position < letters.count, letters[position] == " " { position += 1 }
                continue
            }
            if let exact = candidate.exact, exact[index] != text[position] { return nil }
            position += 1
        }
        return position
    }

    /// With one space for each run of white space, and none around.
    private static func joined(_ term: String) -> [Character] {
        Array(term.split(whereSeparator: \.isWhitespace).joined(separator: " "))
    }
}
