/// Where words begin and end, for those that are looked for as whole words.
enum WordEdge {
    /// Whether a word goes on over the place where another one would begin.
    static func isInside(_ text: [Character], beginningAt position: Int) -> Bool {
        guard let (left, right) = characters(of: text, around: position) else { return false }
        return isWord(left) && isWord(right) && !hasNoSpaces(left) && !hasNoSpaces(right)
    }

    /// Whether a word goes on over the place where another one would end. Korean hangs its particles on words.
    static func isInside(_ text: [Character], endingAt position: Int) -> Bool {
        guard let (left, _) = characters(of: text, around: position), !isHangul(left) else { return false }
        return isInside(text, beginningAt: position)
    }

    private static func characters(of text: [Character], around position: Int) -> (Character, Character)? {
        guard position > 0, position < text.count else { return nil }
        return (text[position - 1], text[position])
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }

    /// Of a script that leaves no spaces between words: Thai, Lao, Burmese, Khmer, Chinese and Japanese.
    private static func hasNoSpaces(_ character: Character) -> Bool {
        switch character.unicodeScalars.first?.value ?? 0 {
        case 0xE00...0xEFF, 0x1000...0x109F, 0x1780...0x17FF, 0x3040...0x30FF, 0x31F0...0x31FF, 0x3400...0x4DBF,
            0x4E00...0x9FFF, 0xF900...0xFAFF, 0xFF66...0xFF9D, 0x20000...0x3FFFF:
            true
        default: false
        }
    }

    private static func isHangul(_ character: Character) -> Bool {
        character.unicodeScalars.first.map { (0xAC00...0xD7AF).contains($0.value) } ?? false
    }
}
