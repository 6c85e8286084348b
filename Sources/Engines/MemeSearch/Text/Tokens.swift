/// What folded text is cut into.
enum Token: Hashable {
    /// A word that may be misspelt; emoji too.
    case word(String)
    /// Two neighbours of a run of Chinese, Japanese or Korean, or its only character.
    case characters(String)

    var text: String {
        switch self {
        case .word(let text), .characters(let text): text
        }
    }
}

/// The tokens of a query, in its order: words, and of each CJK run its bigrams or its only character.
func queryTokens(_ folded: String) -> [Token] {
    folded.split(separator: " ").flatMap { word -> [Token] in
        guard word.unicodeScalars.first?.isCJK == true else { return [.word(String(word))] }
        let bigrams = bigrams(word)
        return bigrams.isEmpty ? [.characters(String(word))] : bigrams.map(Token.characters)
    }
}

/// The terms under which a document is found: as ``queryTokens(_:)``, and every CJK character alone.
///
/// - Returns: The terms with their repetitions, and how many count for the document's length; single characters of a
///   longer run do not, for its bigrams count already.
func documentTerms(_ folded: some StringProtocol) -> (terms: [String], length: Int) {
    var terms: [String] = []
    var length = 0
    for word in Substring(folded).split(separator: " ") {
        guard word.unicodeScalars.first?.isCJK == true else {
            terms.append(String(word))
            length += 1
            continue
        }
        let pairs = bigrams(word)
        terms += pairs
        terms += word.unicodeScalars.map { String($0) }
        length += max(1, pairs.count)
    }
    return (terms, length)
}

private func bigrams(_ run: Substring) -> [String] {
    zip(run.unicodeScalars, run.unicodeScalars.dropFirst()).map { first, second in
        var pair = String.UnicodeScalarView()
        pair.append(first)
        pair.append(second)
        return String(pair)
    }
}

/// Three scalars in one number, 21 bits each.
typealias Trigram = UInt64

/// Every window of three scalars over the words of folded text and the spaces around them. CJK runs have bigrams
/// instead.
func trigrams(_ folded: some StringProtocol) -> [Trigram] {
    var found: [Trigram] = []
    for section in sections(folded) {
        var window: UInt64 = 0x20
        var count = 1
        for scalar in section.unicodeScalars {
            window = window.shifted(in: scalar.value)
            count += 1
            if count >= 3 { found.append(window) }
        }
        found.append(window.shifted(in: 0x20))
    }
    return found
}

extension Trigram {
    fileprivate func shifted(in scalar: UInt32) -> Trigram { (self << 21 | UInt64(scalar)) & (1 << 63 - 1) }
}

/// Neighbouring words joined by spaces, cut where CJK runs stand between them.
private func sections(_ folded: some StringProtocol) -> [String] {
    var sections: [String] = []
    var words: [Substring] = []
    for word in Substring(folded).split(separator: " ") {
        if word.unicodeScalars.first?.isCJK == true {
            if !words.isEmpty { sections.append(words.joined(separator: " ")) }
            words = []
        } else {
            words.append(word)
        }
    }
    if !words.isEmpty { sections.append(words.joined(separator: " ")) }
    return sections
}
