/// One text on its way through a pipe, in Apertium's stream format: reserved characters are escaped, what is no language
/// stands in brackets, which all stages hand on, and a NUL makes every stage answer.
struct ApertiumMessage {
    /// What came back is no answer to this message.
    struct Rubbish: Error {}

    /// What the machine said.
    struct Answer: Equatable {
        var text: String
        /// Words that no dictionary knows, as they stand in the text.
        var unknown: [String] = []
    }

    /// With the NUL.
    let bytes: [UInt8]
    private let ending: [UInt8]
    /// Sentences without an end are given one: the rules need it.
    private let hasAddedStop: Bool

    /// `number` comes back with the answer, so that answers are never taken for those of another message.
    init(_ text: String, number: Int) {
        let visible = text.last { !$0.isWhitespace }
        hasAddedStop = visible.map { !".!?…".contains($0) } ?? false
        ending = Array((hasAddedStop ? ".[][\(number)]" : "[][\(number)]").utf8)
        bytes = Self.escape(text) + ending + [0]
    }

    /// - Parameter answer: Without the NUL.
    func answer(_ answer: ArraySlice<UInt8>) throws(Rubbish) -> Answer {
        let tail = hasAddedStop ? ending.dropFirst() : ending[...]
        guard answer.suffix(tail.count).elementsEqual(tail) else { throw Rubbish() }
        var text = answer.dropLast(tail.count)
        if hasAddedStop, text.last == UInt8(ascii: ".") { text = text.dropLast() }
        return Unescaping(text).answer
    }

    // MARK: - Escaping

    private static let reserved = Set("\\^$/<>{}@[]".unicodeScalars)
    private static let punctuation = Set(".,;:!?'\"-()%’‘“”«»¿¡…–—€£·".unicodeScalars)

    private static func escape(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        var blank: [UInt8] = []
        let scalars = Array(text.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            let isLoneSpace =
                scalar == " " && index > 0 && index + 1 < scalars.count && !scalars[index + 1].properties.isWhitespace
                && !scalars[index - 1].properties.isWhitespace
            if isLoneSpace || isLanguage(scalar) {
                if !blank.isEmpty { result += [UInt8(ascii: "[")] + blank + [UInt8(ascii: "]")] }
                blank = []
                result += Array(String(scalar).utf8)
            } else if scalar != "\0", !scalar.properties.isNoncharacterCodePoint {
                if reserved.contains(scalar) { blank.append(UInt8(ascii: "\\")) }
                blank += Array(String(scalar).utf8)
            }
        }
        if !blank.isEmpty { result += [UInt8(ascii: "[")] + blank + [UInt8(ascii: "]")] }
        return result
    }

    private static func isLanguage(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .decimalNumber:
            true
        default: punctuation.contains(scalar)
        }
    }
}

/// Reads an answer: escapes, brackets, marks of unknown words, and the spaces that the machine makes too many of.
private struct Unescaping {
    private(set) var answer = ApertiumMessage.Answer(text: "")
    private var unknown: String?

    init(_ bytes: ArraySlice<UInt8>) {
        var isBlank = false
        var isEscaped = false
        for character in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            if isEscaped {
                isEscaped = false
                append(character, isBlank: isBlank)
            } else if character == "\\" {
                isEscaped = true
            } else if isBlank ? character == "]" : character == "[" {
                isBlank.toggle()
                endUnknown()
            } else if !isBlank, character == "*" || character == "#" || character == "@" {
                endUnknown()
                unknown = ""
            } else {
                append(character, isBlank: isBlank)
            }
        }
        endUnknown()
        while answer.text.hasSuffix(" ") { answer.text.removeLast() }
    }

    private mutating func append(_ scalar: Unicode.Scalar, isBlank: Bool) {
        let last = answer.text.unicodeScalars.last
        if !isBlank, scalar == " ", last == nil || last?.properties.isWhitespace == true { return endUnknown() }
        answer.text.unicodeScalars.append(scalar)
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
