@_spi(_Unicode) import Swift  // _nfd: canonical decomposition, which is public only in the full Foundation

/// Brings text to the one form in which the index keeps it and looks it up: words in lower case without diacritics,
/// width variants or apostrophes, one space between words, runs of Chinese, Japanese and Korean apart from other words.
/// Emoji are words. Folding twice changes nothing.
package enum TextFolding {
    /// `text` in its folded form; empty when it holds no word.
    package static func folded(_ text: String) -> String {
        var folder = Folder()
        for scalar in text.unicodeScalars { folder.add(scalar) }
        return String(folder.result)
    }
}

/// What a scalar is to the index.
enum ScalarKind: Equatable {
    case letter, cjk, emoji, nothing, separator
}

extension Unicode.Scalar {
    /// Han, kana and Hangul: written without spaces, or with endings that a word index would miss.
    var isCJK: Bool {
        switch value {
        case 0x3005, 0x3007, 0x3041...0x3096, 0x30A1...0x30FA, 0x30FC, 0x31F0...0x31FF, 0x3400...0x4DBF,
            0x4E00...0x9FFF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFF66...0xFF9D, 0x20000...0x3FFFF:
            true
        default: false
        }
    }

    fileprivate var kind: ScalarKind {
        if isCJK { return .cjk }
        switch properties.generalCategory {
        case .control: return (9...13).contains(value) || value == 0x85 ? .separator : .nothing
        case .format: return .nothing
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .spacingMark:
            return .letter
        case .nonspacingMark, .enclosingMark:
            // Vowel signs of Indic scripts belong to the word; accents on Latin, and what styles an emoji, do not.
            return isAccent || properties.isVariationSelector || value == 0x20E3 ? .nothing : .letter
        case .modifierSymbol where properties.isEmojiModifier: return .nothing
        default: return value > 0xFF && properties.isEmoji ? .emoji : .separator
        }
    }

    fileprivate var isAccent: Bool { (0x0300...0x036F).contains(value) }

    /// Latin, Greek and Cyrillic: scripts whose accents people leave out when they type.
    fileprivate var mayHaveAccent: Bool {
        (0x80...0x52F).contains(value) || (0x1E00...0x1FFF).contains(value)
    }
}

private struct Folder {
    var result = String.UnicodeScalarView()
    private var last = ScalarKind.separator

    mutating func add(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x61...0x7A, 0x30...0x39: append(scalar, as: .letter)
        case 0x41...0x5A: append(Unicode.Scalar(UInt8(scalar.value) + 32), as: .letter)
        case 0x27, 0x2018, 0x2019, 0x02BC, 0xFF07: break  // don't = dont
        case 0...0x7F: addOther(scalar)
        case 0xFF01...0xFF5E: Unicode.Scalar(scalar.value - 0xFEE0).map { add($0) }
        default: addOther(scalar)
        }
    }

    private mutating func addOther(_ scalar: Unicode.Scalar) {
        let kind = scalar.kind
        switch kind {
        case .letter: addLetter(scalar)
        case .cjk, .emoji: append(scalar, as: kind)
        case .separator: last = .separator
        case .nothing: break
        }
    }

    private mutating func addLetter(_ scalar: Unicode.Scalar) {
        for lower in scalar.properties.lowercaseMapping.unicodeScalars {
            if let spelled = spelledOut[lower] {
                for letter in spelled.unicodeScalars { append(letter, as: .letter) }
            } else if lower.mayHaveAccent {
                for base in String(lower)._nfd where !base.isAccent { append(base, as: .letter) }
            } else if !lower.isAccent {
                append(lower, as: .letter)
            }
        }
    }

    private mutating func append(_ scalar: Unicode.Scalar, as kind: ScalarKind) {
        if kind != last || kind == .emoji, !result.isEmpty { result.append(" ") }
        result.append(scalar)
        last = kind
    }
}

/// Letters that decomposition leaves whole but people spell with plain ones.
private let spelledOut: [Unicode.Scalar: String] = [
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ſ": "s",
]
