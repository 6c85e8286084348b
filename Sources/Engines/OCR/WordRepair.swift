extension RecognizedWord {
    /// Without what the reader often takes for something else: a bar for an I or an l, a serif for a quotation mark
    /// that no other one closes.
    func repaired() -> RecognizedWord {
        var word = self
        if text.contains("|") {
            let others = text.filter { $0 != "|" && $0.isLetter }
            let isCapital = others.allSatisfy(\.isUppercase) || text.hasPrefix("|")
            word.text = text.replacing("|", with: isCapital ? "I" : "l")
        }
        if word.text.count > 1, word.text.hasPrefix("‘"), !word.text.contains("’") { word.text.removeFirst() }
        return word
    }

    /// Whether it is rather a speck than a letter.
    var isSpeck: Bool { text.count == 1 && confidence < 55 }
}
