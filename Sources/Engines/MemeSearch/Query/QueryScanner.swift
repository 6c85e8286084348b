/// Cuts a query into words, phrases and filters. Never fails.
struct QueryScanner {
    enum Part: Equatable {
        case word(String, isNegated: Bool)
        case phrase(String, isNegated: Bool)
        case filter(key: String, values: [String], isNegated: Bool, asTyped: String)
    }

    private static let keys: Set<String> = [
        "color", "colour", "emotion", "lang", "lib", "library", "ratio", "tag", "text", "type",
    ]

    private let scalars: [Unicode.Scalar]
    private var position = 0

    init(_ text: String) {
        scalars = Array(text.unicodeScalars.prefix(SearchQuery.longest))
    }

    mutating func next() -> Part? {
        skip { $0.properties.isWhitespace }
        guard position < scalars.count else { return nil }
        let start = position
        skip(\.isMinus)
        let isNegated = position > start && position < scalars.count && !scalars[position].properties.isWhitespace
        if let phrase = quoted() { return .phrase(phrase, isNegated: isNegated) }
        if let key = key() {
            let values = values()
            return .filter(key: key, values: values, isNegated: isNegated, asTyped: text(start..<position))
        }
        let word = position
        skip { !$0.properties.isWhitespace && !$0.isQuote }
        // A lone quote, of a phrase that was not ended, separates words.
        if position == word, position < scalars.count { position += 1 }
        return .word(text(word..<position), isNegated: isNegated)
    }

    /// The text between quotes that begin here, or nil when they do not end.
    private mutating func quoted() -> String? {
        guard position < scalars.count, scalars[position].isQuote,
            let end = scalars[(position + 1)...].firstIndex(where: \.isQuote)
        else { return nil }
        defer { position = end + 1 }
        return text(position + 1..<end)
    }

    /// The key of a filter that begins here, its colon passed over.
    private mutating func key() -> String? {
        guard let end = scalars[position...].prefix(12).firstIndex(where: \.isColon) else { return nil }
        let key = text(position..<end).lowercased()
        guard Self.keys.contains(key) else { return nil }
        position = end + 1
        return key
    }

    private mutating func values() -> [String] {
        if let phrase = quoted() { return [phrase] }
        let start = position
        skip { !$0.properties.isWhitespace && !$0.isQuote }
        return text(start..<position).split { $0 == "," || $0 == "，" }.map { $0.lowercased() }
    }

    private mutating func skip(_ matches: (Unicode.Scalar) -> Bool) {
        while position < scalars.count, matches(scalars[position]) { position += 1 }
    }

    private func text(_ range: Range<Int>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[range])
        return String(view)
    }
}

extension Unicode.Scalar {
    /// Straight, curly, full-width and corner quotes; German and French ones too.
    fileprivate var isQuote: Bool { "\"“”„＂「」『』«»".unicodeScalars.contains(self) }
    fileprivate var isMinus: Bool { "-−－".unicodeScalars.contains(self) }
    fileprivate var isColon: Bool { ":：".unicodeScalars.contains(self) }
}
