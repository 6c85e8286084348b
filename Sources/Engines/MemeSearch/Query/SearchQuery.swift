/// What a person typed, taken apart. Every text is a query: what is no valid part of the language counts as words.
///
///     tired "on monday" -cat color:red,blue type:gif lib:work ratio:wide text:none -tag:dog
///
/// A phrase in quotes must be there word by word; `-` forbids a word, phrase or filter; several values of a filter are
/// alternatives. Filters are `color`, `emotion`, `lang`, `lib`, `ratio`, `tag`, `text` and `type`.
package struct SearchQuery: Sendable, Equatable {
    /// Longest text that is looked at, in Unicode scalars; the rest is dropped.
    package static let longest = 500
    /// Most conditions that are kept; the rest is dropped.
    package static let mostConditions = 32

    /// The words to rank by, as typed, phrases included and filters left out.
    package private(set) var text = ""
    package var filter = SearchFilter()
    /// Whether a phrase stood in quotes.
    package private(set) var isQuoted = false

    package init(_ typed: String) {
        var scanner = QueryScanner(typed)
        var words: [String] = []
        while let part = scanner.next() {
            switch part {
            case .word(let word, isNegated: false): words.append(word)
            case .phrase(let phrase, isNegated: false):
                words.append(phrase)
                isQuoted = true
                require { $0.requirePhrase(phrase) }
            case .word(let text, isNegated: true), .phrase(let text, isNegated: true):
                require { $0.requirePhrase(text, isNegated: true) }
            case .filter(let key, let values, let isNegated, let asTyped):
                var isKnown = true
                require { isKnown = $0.require(key, values, isNegated: isNegated) }
                if !isKnown, !isNegated { words.append(asTyped) }
            }
        }
        text = words.joined(separator: " ")
    }

    private mutating func require(_ add: (inout SearchFilter) -> Void) {
        if filter.conditions < Self.mostConditions { add(&filter) }
    }
}
