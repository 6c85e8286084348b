extension RecognizedWord {
    /// Without what the reader often takes for something else: a bar for an I or an l.
    func repaired() -> RecognizedWord {
        guard text.contains("|") else { return self }
        var word = self
        let others = text.filter { $0 != "|" && $0.isLetter }
        let isCapital = others.isEmpty || others.allSatisfy(\.isUppercase) || text.hasPrefix("|")
        word.text = text.replacing("|", with: isCapital ? "I" : "l")
        return word
    }
}
