/// Where long words may end a line, in languages whose spelling shows their syllables.
struct Hyphenation {
    /// Consonants that begin a syllable together.
    private let together: Set<String>

    /// `nil` for a language that is not known here. `language`: BCP 47.
    init?(_ language: String?) {
        let common = ["bl", "br", "cl", "cr", "dr", "fl", "fr", "gl", "gr", "pl", "pr", "tr", "ch", "qu", "gu"]
        switch language?.prefix(while: { $0 != "-" }) {
        case "es": together = Set(common + ["ll", "rr"])
        case "gl": together = Set(common + ["ll", "rr", "nh"])
        case "it": together = Set(common + ["gn", "sc", "sp", "st"])
        case "pt": together = Set(common + ["lh", "nh"])
        default: return nil
        }
    }

    /// The text with soft hyphens between the syllables of its long words. A layout draws a hyphen where a line ends at
    /// one, and nothing elsewhere. Addresses, names and numbers stay whole: a hyphen in one would be taken for a part of it.
    func marked(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while !rest.isEmpty {
            let space = rest.prefix(while: \.isWhitespace)
            let word = rest[space.endIndex...].prefix { !$0.isWhitespace }
            result += space + (Self.isWhole(word) ? String(word) : marked(lettersOf: word))
            rest = rest[word.endIndex...]
        }
        return result
    }

    /// Whether it is an address, a name of the web or a number, rather than words with marks around.
    private static func isWhole(_ word: Substring) -> Bool {
        guard !word.contains(where: { "@/#".contains($0) || $0.isNumber }) else { return true }
        guard let first = word.firstIndex(where: \.isLetter), let last = word.lastIndex(where: \.isLetter) else {
            return true
        }
        return word[first...last].contains(".")
    }

    private func marked(lettersOf text: Substring) -> String {
        var result = ""
        var word: [Character] = []
        for character in text {
            if character.isLetter {
                word.append(character)
                continue
            }
            result += marked(word)
            result.append(character)
            word = []
        }
        return result + marked(word)
    }

    /// Shorter words are not cut, and no part is shorter than this.
    private static let leastWord = 7
    private static let leastPart = 3

    private func marked(_ word: [Character]) -> String {
        guard word.count >= Self.leastWord else { return String(word) }
        let ends = ends(word.map { Character($0.lowercased()) })
        var result = ""
        for (index, letter) in word.enumerated() {
            if ends.contains(index), index >= Self.leastPart, word.count - index >= Self.leastPart {
                result.append("\u{AD}")
            }
            result.append(letter)
        }
        return result
    }

    /// Indices of letters that begin a syllable. Vowels that stand together stay together.
    private func ends(_ word: [Character]) -> Set<Int> {
        var ends: Set<Int> = []
        var last: Int?
        for (index, letter) in word.enumerated() where Self.vowels.contains(letter) {
            if let last, index - last > 1 {
                let pair = String(word[(index - 2)..<index])
                let takesTwo = index - last > 2 && together.contains(pair)
                ends.insert(takesTwo ? index - 2 : index - 1)
            }
            last = index
        }
        return ends
    }

    private static let vowels: Set<Character> = Set("aeiouáéíóúàèìòùâêôãõü")
}
