/// A text whose parts that no machine shall touch are each one private character, and what these stand for.
///
/// Addresses, names, tags, codes and the terms of a glossary are such parts.
struct KeptParts {
    /// A part as it was written, and the term that decides what it becomes; none leaves it as it is.
    struct Part: Equatable {
        let written: String
        let term: Glossary.Term?
        /// Whether a sentence begins with it, so that its first capital says nothing.
        let isFirst: Bool
        /// What the glossary calls it; `nil` for what is the same in every language.
        let name: String?
    }

    /// Plane 15, which is for private use: what a text has of it is kept too, so the characters here are ours.
    private static let first: UInt32 = 0xF_0000
    private static let range: ClosedRange<UInt32> = first...0xF_FFFD

    let text: String
    let parts: [Part]

    /// - Parameters:
    ///   - source: The text.
    ///   - terms: Of a glossary.
    ///   - codes: Whether prices, dates, versions and sizes are parts too, which people write in another way elsewhere.
    init(_ source: String, terms: TermMatcher, codes: Bool = true) {
        var (text, parts): (String.UnicodeScalarView, [Part]) = (.init(), [])
        let characters = Array(source)
        var position = 0
        for span in Self.spans(characters, terms, codes: codes) {
            text += String(characters[position..<span.range.lowerBound]).unicodeScalars
            let before = characters[..<span.range.lowerBound].last { !$0.isWhitespace }
            parts.append(
                Part(
                    written: String(characters[span.range]),
                    term: span.term,
                    isFirst: before.map { ".!?…¡¿".contains($0) } ?? true,
                    name: span.name,
                )
            )
            text.append(Self.character(parts.count - 1))
            position = span.range.upperBound
        }
        text += String(characters[position...]).unicodeScalars
        (self.text, self.parts) = (String(text), parts)
    }

    /// Puts the parts back into a sentence of that casing.
    func restored(_ sentence: String, _ casing: Casing) -> String {
        var result = String.UnicodeScalarView()
        var isFirst = casing == .sentence || casing == .title
        for scalar in sentence.unicodeScalars {
            if let index = Self.index(of: scalar), index < parts.count {
                let part = replacement(parts[index], isUpper: casing == .upper)
                let isBeginning = isFirst && parts[index].term?.matchesCase == false
                result += (isBeginning ? capitalised(part) : part).unicodeScalars
                isFirst = false
            } else {
                result.append(scalar)
                if scalar.properties.isAlphabetic { isFirst = false }
            }
        }
        return String(result)
    }

    /// Whether a sentence begins with a term in its first place, written with a capital.
    func beginsWithCapital(_ sentence: String) -> Bool {
        let scalars = sentence.unicodeScalars
        guard let first = scalars.first(where: { $0.properties.isAlphabetic || Self.index(of: $0) != nil }),
            let index = Self.index(of: first), index < parts.count, parts[index].term != nil
        else { return false }
        return parts[index].written.first?.isUppercase == true
            && (scalars.contains { $0.properties.isLowercase } || !scalars.contains { $0.properties.isUppercase })
    }

    private func replacement(_ part: Part, isUpper: Bool) -> String {
        guard let term = part.term else { return part.written }
        if term.matchesCase { return term.target }
        let isWrittenUpper = part.written.count > 1 && part.written == part.written.uppercased()
        if isUpper || isWrittenUpper && term.source != term.source.uppercased() { return term.target.uppercased() }
        let isCapitalised = part.written.first?.isUppercase == true && term.source.first?.isUppercase == false
        return isCapitalised && !part.isFirst ? capitalised(term.target) : term.target
    }

    // MARK: - Private characters

    static func index(of scalar: Unicode.Scalar) -> Int? {
        range.contains(scalar.value) ? Int(scalar.value - first) : nil
    }

    /// `index`: At most 65,533; a text that may be translated at once has no more parts.
    static func character(_ index: Int) -> Unicode.Scalar { Unicode.Scalar(first + UInt32(index)) ?? "\u{FFFD}" }

    /// The parts of a text that these characters stand for, in the order of the text.
    static func indices(in text: String) -> [Int] { text.unicodeScalars.compactMap(index) }

    // MARK: - What is kept

    private struct Span {
        let range: Range<Int>
        var term: Glossary.Term?
        var name: String?
    }

    /// Terms first, but not inside an address; then what is no language.
    private static func spans(_ text: [Character], _ terms: TermMatcher, codes: Bool) -> [Span] {
        let chunks = FixedChunk.all(in: text).filter { codes || $0.kind != .code }
        let addresses = chunks.filter { $0.kind == .address }.map(\.range)
        let found = terms.matches(in: text).filter { match in
            !addresses.contains { $0.overlaps(match.range) && !match.range.contains($0) }
        }
        let taken = found.map(\.range)
        let fixed = chunks.map(\.range).filter { chunk in !taken.contains { $0.overlaps(chunk) } }
        let spans = found.map { Span(range: $0.range, term: $0.term, name: $0.name) } + fixed.map { Span(range: $0) }
        return spans.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }
}

/// With a capital first letter.
func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
