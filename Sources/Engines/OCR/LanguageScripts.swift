/// The letters that Tesseract's languages are written with.
struct LanguageScripts {
    private let ranges: [ClosedRange<UInt32>]

    init(_ languages: [String]) { ranges = languages.flatMap(Self.ranges) }

    /// Whether nearly all letters of a text are among them; digits and marks are everybody's.
    func know(_ text: String) -> Bool {
        let letters = text.unicodeScalars.filter(\.properties.isAlphabetic)
        let known = letters.count { letter in ranges.contains { $0.contains(letter.value) } }
        return known * 10 >= letters.count * 9
    }

    /// A language that is not named here is written with Latin letters.
    private static func ranges(of language: String) -> [ClosedRange<UInt32>] {
        let han: [ClosedRange<UInt32>] = [0x3400...0x4DBF, 0x4E00...0x9FFF, 0x20000...0x2FA1F]
        switch language.prefix(3) {
        case "ara", "fas", "urd": return [0x600...0x6FF, 0x750...0x77F, 0xFB50...0xFDFF, 0xFE70...0xFEFF]
        case "bel", "bul", "mkd", "rus", "ukr": return [0x400...0x52F]
        case "chi": return han
        case "ell": return [0x370...0x3FF, 0x1F00...0x1FFF]
        case "heb": return [0x590...0x5FF]
        case "hin", "mar", "nep": return [0x900...0x97F]
        case "jpn": return han + [0x3040...0x30FF, 0x31F0...0x31FF]
        case "kor": return [0x1100...0x11FF, 0x3130...0x318F, 0xAC00...0xD7AF]
        case "tha": return [0xE00...0xE7F]
        default: return [0x41...0x5A, 0x61...0x7A, 0xC0...0x24F, 0x1E00...0x1EFF]
        }
    }
}
