import Kernel

/// Texts that nobody would write.
enum RandomText {
    private static let words = [
        "the", "dog", "EXIT", "Please", "of", "https://x.org/a?b=[c]^d$", "me@x.org", "#tag", "@name", "3.5%", "$9.99",
        "v1.2", "*", "[", "]", "^", "$", "\\", "/", "<b>", "{", "}", "~", "+", "\n", "\n\n", "\t", "  ", ".", "?", "!",
        "…",
        "“quoted”", "don't", "ñandú", "中文", "العربية", "👩‍👩‍👧", "e\u{301}", "\u{200B}", "\u{FEFF}", "qxaq", "\u{F0000}",
        "I",
    ]

    /// Words, spaces and signs.
    static func words(using random: inout SplitMix) -> String {
        (0..<Int.random(in: 0..<30, using: &random)).map { _ in
            let gap = ["", " ", " "].randomElement(using: &random) ?? ""
            return (words.randomElement(using: &random) ?? "") + gap
        }.joined()
    }

    /// Any Unicode scalars but those that no text has (noncharacters), with many reserved ones.
    static func any(using random: inout SplitMix) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<60, using: &random) {
            let limit = [0x80, 0x80, 0x300, 0x10000, 0x11_0000].randomElement(using: &random) ?? 0x80
            if let scalar = Unicode.Scalar(UInt32.random(in: 0..<UInt32(limit), using: &random)),
                !scalar.properties.isNoncharacterCodePoint
            {
                text.append(scalar)
            }
        }
        return String(text)
    }
}
