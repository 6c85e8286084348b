/// A part of a text that is the same in every language.
struct FixedChunk: Equatable {
    enum Kind: Equatable {
        /// A URL, a mail address, a @name or a #tag.
        case address
        /// A price, a date, a version, a size: digits with more than digits. Or something longer than any word.
        case code
        /// A character that ``KeptParts`` uses itself.
        case reserved
    }

    let range: Range<Int>
    let kind: Kind

    /// In the order of the text, without overlaps.
    static func all(in text: [Character]) -> [FixedChunk] {
        var result: [FixedChunk] = []
        var start = 0
        while start < text.count {
            guard !text[start].isWhitespace else {
                start += 1
                continue
            }
            let end = text[start...].firstIndex(where: \.isWhitespace) ?? text.count
            result += chunks(in: text, start..<end)
            start = end
        }
        return result
    }

    /// No language of Apertium's has longer words, and its programs take seconds over one of 50,000 letters.
    private static let longestWord = 200

    private static func chunks(in text: [Character], _ word: Range<Int>) -> [FixedChunk] {
        if word.count > longestWord { return [FixedChunk(range: word, kind: .code)] }
        let reserved = word.filter { text[$0].unicodeScalars.contains { KeptParts.index(of: $0) != nil } }
        guard reserved.isEmpty else { return reserved.map { FixedChunk(range: $0..<$0 + 1, kind: .reserved) } }
        let range = trimmed(word, in: text)
        guard !range.isEmpty else { return [] }
        let chunk = String(text[range])
        if isAddress(chunk) { return [FixedChunk(range: range, kind: .address)] }
        if isCode(chunk) { return [FixedChunk(range: range, kind: .code)] }
        return []
    }

    /// Without the punctuation around it.
    private static func trimmed(_ word: Range<Int>, in text: [Character]) -> Range<Int> {
        var (low, high) = (word.lowerBound, word.upperBound)
        while low < high, "\"'([{<¿¡“‘«-–—".contains(text[low]) { low += 1 }
        while low < high, "\"')]}>.,;:!?…”’»-–—".contains(text[high - 1]) { high -= 1 }
        return low..<high
    }

    private static let domains: Set<Substring> = [
        "app", "biz", "co", "com", "de", "dev", "edu", "es", "eu", "fr", "gov", "info", "io", "me", "net", "org", "tv",
        "uk",
    ]

    private static func isAddress(_ chunk: String) -> Bool {
        if chunk.contains("://") || chunk.lowercased().hasPrefix("www.") { return true }
        if let sign = chunk.first, sign == "@" || sign == "#" {
            return chunk.dropFirst().first.map { $0.isLetter || $0.isNumber } ?? false
        }
        let host = chunk.prefix { $0 != "/" }.lowercased().split(separator: "@", omittingEmptySubsequences: false)
        guard host.count <= 2, host.allSatisfy({ !$0.isEmpty }), let labels = host.last?.split(separator: ".") else {
            return false
        }
        let isName = labels.count > 1 && labels.allSatisfy { $0.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" } }
        return isName && (host.count == 2 || labels.last.map(domains.contains) ?? false)
    }

    private static func isCode(_ chunk: String) -> Bool {
        guard chunk.contains(where: \.isNumber) else { return false }
        let rest = chunk.filter { !$0.isNumber && !".,:%".contains($0) }.lowercased()
        // Plain numbers are grammar ("1 dog", "2 dogs"), and so are ordinals; both come back with their digits.
        return !["", "st", "nd", "rd", "th", "º", "ª", "-"].contains(rest)
    }
}
