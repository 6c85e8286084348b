/// The words of several passes over one picture, each reading of a place once.
struct WordUnion {
    /// Boxes that cover each other by this share are the same place.
    private static let samePlace = 0.5

    private(set) var words: [RecognizedWord] = []

    /// Adds what a pass read. A word that was read before at its place in the same letters is kept once, with the
    /// higher confidence; other readings of a place stay beside each other, since each may be the right one.
    mutating func add(_ pass: [RecognizedWord]) {
        let known = words.count
        for word in pass {
            if let index = words[..<known].firstIndex(where: { Self.isSame($0, word) }) {
                words[index].confidence = max(words[index].confidence, word.confidence)
            } else {
                words.append(word)
            }
        }
    }

    private static func isSame(_ one: RecognizedWord, _ other: RecognizedWord) -> Bool {
        one.box.overlap(with: other.box) >= samePlace && letters(one.text) == letters(other.text)
    }
}

/// Lower-case letters and digits of a word, which is all that search sees of it.
func letters(_ text: String) -> String { String(text.lowercased().filter { $0.isLetter || $0.isNumber }) }
