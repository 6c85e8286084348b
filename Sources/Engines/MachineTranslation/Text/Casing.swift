/// How a sentence is written, so that its translation is written so too.
enum Casing: Equatable {
    /// ALL CAPITALS, as signs and memes are.
    case upper
    /// Each Word That Matters, as headings are.
    case title
    /// The first letter only.
    case sentence
    /// Begins small, or with something else.
    case plain

    init(_ text: String, language: String) {
        let small = smallWords[baseLanguage(language)] ?? []
        let words = text.split { !$0.isLetter && $0 != "'" && $0 != "’" }.filter { $0.contains(where: \.isLetter) }
        let letters = words.joined().filter(\.isLetter)
        guard let first = letters.first, first.isUppercase else {
            self = .plain
            return
        }
        if letters.count > 1, !letters.contains(where: \.isLowercase) {
            self = .upper
        } else if words.allSatisfy({ Self.begins($0) || small.contains(String($0)) }),
            words.count(where: Self.begins) > 1
        {
            self = .title
        } else {
            self = .sentence
        }
    }

    private static func begins(_ word: Substring) -> Bool { word.first { $0.isLetter }?.isUppercase == true }

    /// The text without the capitals that this casing gives it, and with those of grammar: rules and dictionaries take
    /// "Summer" for a name.
    func lowered(_ text: String, language: String) -> String {
        switch self {
        case .plain: return text
        case .sentence: return Self.loweringFirstWord(text, language)
        case .upper, .title:
            return Self.mappingWords(text) { word in
                Self.isPronoun(word, language) ? capitalised(word.lowercased()) : word.lowercased()
            }
        }
    }

    /// Writes a translation so.
    func applied(to text: String, language: String) -> String {
        switch self {
        case .upper: return text.uppercased()
        case .title:
            let small = smallWords[language] ?? []
            return Self.capitalisingFirst(Self.mappingWords(text) { small.contains($0) ? $0 : capitalised($0) })
        case .sentence: return Self.capitalisingFirst(text)
        case .plain: return text
        }
    }

    // MARK: - Words

    /// "I" is a capital inside sentences too.
    private static func isPronoun(_ word: String, _ language: String) -> Bool {
        language == "en"
            && ["i", "i'm", "i'll", "i've", "i'd", "i’m", "i’ll", "i’ve", "i’d"].contains(word.lowercased())
    }

    private static func loweringFirstWord(_ text: String, _ language: String) -> String {
        guard let start = text.firstIndex(where: { $0.isLetter || isPrivate($0) }), text[start].isLetter else {
            return text
        }
        let word = text[start...].prefix { $0.isLetter || $0 == "'" || $0 == "’" }
        guard !isPronoun(String(word), language), !word.dropFirst().contains(where: \.isUppercase),
            !beginsName(text[word.endIndex...])
        else { return text }
        return text[..<start] + word.prefix(1).lowercased() + text[start...].dropFirst()
    }

    /// Whether what follows a first word makes it look like the beginning of a name, as in "New York": then its capital may
    /// be its own. Rules know a word with the capital of a sentence as well as without.
    private static func beginsName(_ rest: Substring) -> Bool {
        rest.first == " " && rest.dropFirst().first?.isUppercase == true && rest.dropFirst(2).first?.isLowercase == true
    }

    /// The first letter, unless a kept part comes before it.
    private static func capitalisingFirst(_ text: String) -> String {
        guard let start = text.firstIndex(where: { $0.isLetter || isPrivate($0) }) else { return text }
        return text[..<start] + capitalised(String(text[start...]))
    }

    private static func isPrivate(_ character: Character) -> Bool {
        character.unicodeScalars.contains { KeptParts.index(of: $0) != nil }
    }

    static func mappingWords(_ text: String, _ change: (String) -> String) -> String {
        var (result, word) = ("", "")
        for character in text {
            if character.isLetter || !word.isEmpty && "'’".contains(character) {
                word.append(character)
            } else {
                result += (word.isEmpty ? "" : change(word)) + String(character)
                word = ""
            }
        }
        return result + (word.isEmpty ? "" : change(word))
    }
}

/// Words that headings write small, and that a translation never begins with a capital inside a sentence.
let smallWords: [String: Set<String>] = [
    "en": [
        "a", "an", "and", "as", "at", "but", "by", "for", "from", "in", "into", "of", "on", "or", "than", "the", "to",
        "vs", "with",
    ],
    "es": [
        "a", "al", "con", "de", "del", "e", "el", "en", "es", "la", "las", "le", "les", "lo", "los", "mi", "o", "para",
        "por", "que", "se", "sin", "su", "sus", "tu", "u", "un", "una", "y",
    ],
    "fr": [
        "à", "au", "aux", "avec", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "ou", "par", "pour", "un",
        "une",
    ],
    "it": [
        "a", "al", "che", "con", "da", "dei", "del", "della", "di", "e", "gli", "i", "il", "in", "la", "le", "lo", "o",
        "per", "un", "una",
    ],
    "pt": [
        "a", "ao", "as", "com", "da", "das", "de", "do", "dos", "e", "em", "na", "no", "o", "os", "ou", "para", "por",
        "que", "um", "uma",
    ],
    "ca": ["a", "al", "amb", "de", "del", "dels", "el", "els", "en", "i", "la", "les", "o", "per", "que", "un", "una"],
    "gl": [
        "a", "ao", "as", "coa", "con", "da", "das", "de", "do", "dos", "e", "en", "na", "no", "o", "os", "ou", "para",
        "por", "que", "un", "unha",
    ],
]
