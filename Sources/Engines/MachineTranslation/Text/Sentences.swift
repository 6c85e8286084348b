/// A sentence and the white space behind it.
struct SourceSentence: Equatable {
    let text: String
    let gap: String
}

/// Splits a text after its sentences, and at empty lines. Joined again, all of them are the text.
func splitSentences(_ text: String) -> [SourceSentence] {
    let characters = Array(text)
    var result: [SourceSentence] = []
    var start = 0
    var position = 0
    while position < characters.count {
        let end = characters[position...].firstIndex { !$0.isWhitespace } ?? characters.count
        if end == position {
            position += 1
        } else if isBoundary(characters, from: start, gap: position..<end) {
            result.append(
                SourceSentence(text: String(characters[start..<position]), gap: String(characters[position..<end]))
            )
            (start, position) = (end, end)
        } else {
            position = end
        }
    }
    if start < characters.count { result.append(SourceSentence(text: String(characters[start...]), gap: "")) }
    return result
}

private func isBoundary(_ text: [Character], from start: Int, gap: Range<Int>) -> Bool {
    guard gap.lowerBound > start, gap.upperBound < text.count else { return false }
    if text[gap].count(where: \.isNewline) > 1 { return true }
    let before = text[start..<gap.lowerBound].trimmingSuffix { "\"'”’»)]".contains($0) }
    guard let end = before.last, ".!?…".contains(end) else { return false }
    if end == ".", isAbbreviation(before.dropLast().trimmingPrefix()) { return false }
    let next = text[gap.upperBound]
    return !next.isLowercase
}

extension ArraySlice<Character> {
    fileprivate func trimmingSuffix(while fits: (Character) -> Bool) -> ArraySlice<Character> {
        var rest = self
        while let last = rest.last, fits(last) { rest = rest.dropLast() }
        return rest
    }

    /// The last word.
    fileprivate func trimmingPrefix() -> String {
        String(suffix { !$0.isWhitespace })
    }

    private func suffix(while fits: (Character) -> Bool) -> ArraySlice<Character> {
        let start = lastIndex { !fits($0) }.map { $0 + 1 } ?? startIndex
        return self[start...]
    }
}

private let abbreviations: Set<String> = [
    "av", "dr", "dra", "e.g", "etc", "i.e", "inc", "jr", "mr", "mrs", "ms", "no", "núm", "p", "pp", "prof", "sr", "sra",
    "st", "vs",
]

private func isAbbreviation(_ word: String) -> Bool {
    word.count == 1 && word.first?.isLetter == true || abbreviations.contains(word.lowercased())
}
