/// How long texts are for a model, without its tokenizer: four letters of the Latin script a token, and every other
/// letter one. It rather says too much; what the provider reports corrects it.
enum TextSize {
    static func tokens(_ text: String) -> Int {
        var (ascii, others) = (0, 0)
        for scalar in text.unicodeScalars {
            if scalar.isASCII { ascii += 1 } else { others += 1 }
        }
        return (ascii + 3) / 4 + others + 1
    }

    /// The beginning of a text that has so many tokens at most.
    static func cut(_ text: String, to tokens: Int) -> String {
        guard Self.tokens(text) > tokens else { return text }
        var (quarters, end) = (0, text.startIndex)
        for index in text.indices {
            quarters += text[index].unicodeScalars.reduce(0) { $0 + ($1.isASCII ? 1 : 4) }
            guard quarters / 4 < tokens - 1 else { break }
            end = text.index(after: index)
        }
        return String(text[..<end])
    }

    /// Tokens of a picture: one for 28 × 28 pixels, as DashScope counts them; others take less.
    static func tokens(width: Int, height: Int) -> Int { min(16_384, max(1, width * height / 784)) }
}
