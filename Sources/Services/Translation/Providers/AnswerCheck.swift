import Kernel
import MachineTranslation

/// Looks for what goes wrong in translations: rules that need no second model.
struct AnswerCheck {
    /// The flag of a translation without a term of the glossary.
    static let termMissed = "glossary_missed"

    private let target: String
    private let terms: TermKeeper
    /// Of the glossary.
    private let keptWords: Set<String>

    /// `target`: BCP 47.
    init(to target: String, _ options: TranslationOptions) {
        self.target = target
        terms = TermKeeper(options.terms)
        keptWords = Set(options.glossary.flatMap { Self.words($0.term) })
    }

    /// The names of what is wrong with a translation; empty when nothing is.
    func problems(_ source: String, _ translation: String) -> [String] {
        var problems: [String] = []
        if Self.isEmpty(translation) && !Self.isEmpty(source) { return ["empty"] }
        if isUnchanged(source, translation) { problems.append("unchanged") }
        if Self.isRepeating(translation) && !Self.isRepeating(source) { problems.append("repetition") }
        if !Self.isWritten(translation, in: target) || LanguageGuess.speaksAgainst(target, translation) {
            problems.append("wrong_language")
        }
        if !Self.keepsNumbers(source, translation) { problems.append("numbers_changed") }
        if !Self.addresses(source).isSubset(of: Self.addresses(translation)) { problems.append("urls_changed") }
        if !terms.holdsTerms(of: source, translation) { problems.append(Self.termMissed) }
        return problems
    }

    private static func isEmpty(_ text: String) -> Bool { !text.contains { $0.isLetter || $0.isNumber } }

    /// A name or a number alone may stay what it is; a sentence may not.
    private func isUnchanged(_ source: String, _ translation: String) -> Bool {
        let words = Self.words(source)
        guard words.count >= 3, words == Self.words(translation) else { return false }
        return !words.allSatisfy { word in keptWords.contains(word) || word.contains(where: \.isNumber) }
    }

    /// Twenty times the same character, the same word eight times in a row, or up to six words four times.
    private static func isRepeating(_ text: String) -> Bool {
        let words = words(text)
        return longestRun(Array(text.filter { !$0.isWhitespace })) >= 20 || longestRun(words) >= 8
            || (2...6).contains { repeats(words, period: $0) >= 4 }
    }

    /// How often some words stand one after another again and again.
    private static func repeats(_ words: [String], period: Int) -> Int {
        var (longest, run) = (0, 0)
        for (one, next) in zip(words, words.dropFirst(period)) {
            run = one == next ? run + 1 : 0
            longest = max(longest, run)
        }
        return 1 + longest / period
    }

    private static func longestRun<Element: Equatable>(_ elements: [Element]) -> Int {
        var (longest, run) = (elements.isEmpty ? 0 : 1, 1)
        for (one, next) in zip(elements, elements.dropFirst()) {
            run = one == next ? run + 1 : 1
            longest = max(longest, run)
        }
        return longest
    }

    /// Half of the letters must be of the language's script; short texts and names are let through.
    private static func isWritten(_ text: String, in target: String) -> Bool {
        guard let script = Script(of: target) else { return true }
        let letters = text.unicodeScalars.filter { $0.properties.isAlphabetic }
        guard letters.count >= 8 else { return true }
        return letters.count { script.contains($0) } * 2 >= letters.count
    }

    /// A language may move numbers, group their digits in another way, and write them with digits of its own.
    private static func keepsNumbers(_ source: String, _ translation: String) -> Bool {
        digits(source) == digits(translation)
    }

    /// Not what else stands for a number: 一 is a word too.
    private static func digits(_ text: String) -> [Double] {
        text.unicodeScalars.filter { $0.properties.generalCategory == .decimalNumber }
            .compactMap(\.properties.numericValue).sorted()
    }

    /// Web and mail addresses, @names and #tags.
    private static func addresses(_ text: String) -> Set<String> {
        let words = text.split(whereSeparator: \.isWhitespace).map { $0.trimming { ".,;:!?)(\"'¡¿".contains($0) } }
        return Set(words.filter(isAddress))
    }

    private static func isAddress(_ word: String) -> Bool {
        if word.contains("://") || word.hasPrefix("www.") { return true }
        if word.contains("@") { return word.contains(where: \.isLetter) }
        if word.hasPrefix("#") { return word.contains(where: \.isLetter) }
        let host = word.prefix { $0 != "/" }.split(separator: ".", omittingEmptySubsequences: false)
        return host.count >= 2 && host.allSatisfy { !$0.isEmpty } && domains.contains(host[host.count - 1])
    }

    /// Ends of addresses that are written without anything before them; others could be the end of a sentence.
    private static let domains: Set<Substring> = [
        "app", "co", "com", "de", "dev", "edu", "es", "eu", "fr", "gov", "info", "io", "net", "org", "uk",
    ]

    private static func words(_ text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }
}

/// The scripts by which a wrong language shows.
private enum Script {
    case arabic, cyrillic, devanagari, greek, han, hangul, hebrew, japanese, latin, thai

    /// `nil` for a language whose script is not known here.
    init?(of language: String) {
        switch language.prefix(while: { $0 != "-" }) {
        case "ar", "fa", "ur": self = .arabic
        case "be", "bg", "mk", "ru", "uk": self = .cyrillic
        case "el": self = .greek
        case "he": self = .hebrew
        case "hi": self = .devanagari
        case "ja": self = .japanese
        case "ko": self = .hangul
        case "th": self = .thai
        case "zh": self = .han
        case "bn", "sr", "hbs": return nil
        default: self = .latin
        }
    }

    func contains(_ scalar: Unicode.Scalar) -> Bool { ranges.contains { $0.contains(scalar.value) } }

    private var ranges: [ClosedRange<UInt32>] {
        switch self {
        case .arabic: [0x600...0x6FF, 0x750...0x77F, 0xFB50...0xFDFF, 0xFE70...0xFEFF]
        case .cyrillic: [0x400...0x52F]
        case .devanagari: [0x900...0x97F]
        case .greek: [0x370...0x3FF, 0x1F00...0x1FFF]
        case .han: [0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2FA1F]
        case .hangul: [0x1100...0x11FF, 0x3130...0x318F, 0xAC00...0xD7AF]
        case .hebrew: [0x590...0x5FF]
        case .japanese: [0x3040...0x30FF, 0x31F0...0x31FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xFF66...0xFF9D]
        case .latin: [0x41...0x5A, 0x61...0x7A, 0xC0...0x24F, 0x1E00...0x1EFF]
        case .thai: [0xE00...0xE7F]
        }
    }
}

extension Substring {
    /// Without such characters at both ends.
    fileprivate func trimming(_ isOff: (Character) -> Bool) -> String {
        var rest = self
        while let first = rest.first, isOff(first) { rest.removeFirst() }
        while let last = rest.last, isOff(last) { rest.removeLast() }
        return String(rest)
    }
}
