/// A text whose kept parts are something else that a translator carries over, to be made parts again in what it says.
struct StandIns {
    /// What stands in for parts.
    enum Kind {
        /// Words that no dictionary has, and that no rule changes.
        case words
        /// Letters in brackets that nobody writes.
        case marks

        /// What is written before and behind each; the first that the text does not have is taken.
        fileprivate var edges: [(before: String, after: String)] {
            switch self {
            case .words: ["qx", "xq", "zqx", "jxq", "vqk"].map { ($0, "q") }
            case .marks: [("⟦", "⟧"), ("⟪", "⟫"), ("{{", "}}")]
            }
        }
    }

    let text: String
    private let before: String
    private let words: [(word: String, part: Unicode.Scalar)]

    /// `source`: With a private character for each part, as ``KeptParts/text`` has.
    init(_ source: String, _ kind: Kind) {
        let plain = source.lowercased()
        let edges = kind.edges.first { !plain.contains($0.before) } ?? kind.edges[0]
        var words: [(String, Unicode.Scalar)] = []
        var text = String.UnicodeScalarView()
        for scalar in source.unicodeScalars {
            if KeptParts.index(of: scalar) == nil {
                text.append(scalar)
            } else {
                let word = edges.before + Self.letters(words.count) + edges.after
                words.append((word, scalar))
                text += word.unicodeScalars
            }
        }
        (self.text, self.before, self.words) = (String(text), edges.before, words)
    }

    /// In the order of the parts.
    var all: [String] { words.map(\.word) }

    /// Whether a word begins as those of this text do.
    func isStandIn(_ word: String) -> Bool { !words.isEmpty && word.lowercased().hasPrefix(before) }

    func areIn(_ text: String) -> Bool { text.lowercased().contains(before) }

    /// `nil` when one of them is not there exactly once.
    func restored(_ answer: String) -> String? {
        var text = answer
        for (word, part) in words {
            guard let range = text.range(ofIgnoringCase: word) else { return nil }
            text.replaceSubrange(range, with: String(part))
            if text.range(ofIgnoringCase: word) != nil { return nil }
        }
        return text
    }

    private static let alphabet = Array("abcdefghij")

    /// A number in letters: digits would part the word.
    private static func letters(_ number: Int) -> String {
        String(String(number).map { alphabet[$0.wholeNumberValue ?? 0] })
    }
}

extension String {
    fileprivate func range(ofIgnoringCase word: String) -> Range<String.Index>? {
        ranges(of: word).first ?? ranges(of: word.uppercased()).first ?? ranges(of: capitalised(word)).first
    }
}
