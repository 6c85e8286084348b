/// One text on its way through a pipe, in Apertium's stream format. What is no language, and all that the format reserves,
/// never goes there: a number in brackets stands for it, which all stages hand on. A NUL makes every stage answer.
///
/// Escaping would do by the format's rules, but `a [\^] …` silences the programs of Apertium 3.8 for good.
struct ApertiumMessage {
    /// What came back is no answer to this message.
    struct Rubbish: Error {}

    /// What the machine said.
    struct Answer: Equatable {
        var text: String
        /// Words that no dictionary knows, as they stand in the text.
        var unknown: [String] = []
        /// Whether all that is no language came back, once.
        var isComplete = true
    }

    /// With the NUL.
    let bytes: [UInt8]
    private let ending: [UInt8]
    /// Sentences without an end are given one: the rules need it.
    private let hasAddedStop: Bool
    private let blanks: [String]

    /// `number` comes back with the answer, so that answers are never taken for those of another message.
    init(_ text: String, number: Int) {
        let visible = text.last { !$0.isWhitespace }
        hasAddedStop = visible.map { !".!?…".contains($0) } ?? false
        ending = Array((hasAddedStop ? ".[][=\(number)]" : "[][=\(number)]").utf8)
        let (stream, blanks) = Self.stream(text)
        self.blanks = blanks
        bytes = Array(stream.utf8) + ending + [0]
    }

    /// Reads what came back, which is given without its NUL.
    func answer(_ answer: ArraySlice<UInt8>) throws(Rubbish) -> Answer {
        let tail = hasAddedStop ? ending.dropFirst() : ending[...]
        guard answer.suffix(tail.count).elementsEqual(tail) else { throw Rubbish() }
        var text = answer.dropLast(tail.count)
        if hasAddedStop, text.last == UInt8(ascii: ".") { text = text.dropLast() }
        return AnswerReader(text, blanks).answer
    }

    // MARK: - Stream

    private static func stream(_ text: String) -> (String, blanks: [String]) {
        var (result, blanks, blank) = ("", [String](), "")
        func endBlank() {
            guard !blank.isEmpty else { return }
            result += "[\(blanks.count)]"
            blanks.append(blank)
            blank = ""
        }
        let scalars = Array(text.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            let isLoneSpace =
                scalar == " " && index > 0 && index + 1 < scalars.count && !scalars[index + 1].properties.isWhitespace
                && !scalars[index - 1].properties.isWhitespace
            if isLoneSpace || isLanguage(scalar) {
                endBlank()
                result.unicodeScalars.append(scalar)
            } else {
                blank.unicodeScalars.append(scalar)
            }
        }
        endBlank()
        return (result, blanks)
    }

    private static let punctuation = Set(".,;:!?'\"-()%’‘“”«»¿¡…–—€£·".unicodeScalars)

    /// Whether the machine is given it; single spaces between are given too.
    static func isLanguage(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .decimalNumber:
            true
        default: punctuation.contains(scalar)
        }
    }
}

/// Reads an answer: numbers of blanks, marks of unknown words, and the spaces that the machine makes too many of.
private struct AnswerReader {
    private(set) var answer = ApertiumMessage.Answer(text: "")
    private var unknown: String?
    /// Of the machine's own.
    private var endsWithSpace = false
    /// The number of a blank, while it is read.
    private var number: String?

    init(_ bytes: ArraySlice<UInt8>, _ blanks: [String]) {
        var seen: [Int] = []
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            if let digits = number {
                guard scalar == "]" else {
                    number?.unicodeScalars.append(scalar)
                    continue
                }
                number = nil
                guard let index = Int(digits), index < blanks.count else { continue }
                seen.append(index)
                answer.text += blanks[index]
                endsWithSpace = false
            } else {
                append(scalar)
            }
        }
        endUnknown()
        if endsWithSpace { answer.text.unicodeScalars.removeLast() }
        answer.isComplete = seen.sorted() == Array(blanks.indices)
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "[":
            endUnknown()
            number = ""
        case "*", "#", "@":
            endUnknown()
            unknown = ""
        case " ":
            endUnknown()
            if answer.text.unicodeScalars.last?.properties.isWhitespace ?? true { return }
            answer.text += " "
            endsWithSpace = true
        default:
            answer.text.unicodeScalars.append(scalar)
            endsWithSpace = false
            note(scalar)
        }
    }

    private mutating func note(_ scalar: Unicode.Scalar) {
        guard unknown != nil else { return }
        if scalar.properties.isAlphabetic || scalar == "'" || scalar == "’" {
            unknown?.unicodeScalars.append(scalar)
        } else {
            endUnknown()
        }
    }

    private mutating func endUnknown() {
        if let word = unknown, !word.isEmpty { answer.unknown.append(word) }
        unknown = nil
    }
}
