/// What is known of two languages beside the machine: phrases, and how sentences are marked.
struct Phrases: Sendable {
    let tables: [PhraseTable]
    let from: String
    let to: String

    /// The first table that knows the text decides.
    func find(_ text: String) -> PhraseTable.Found? {
        for table in tables {
            if let found = table.phrase(text, from: from, to: to) ?? regional(text, table) { return found }
        }
        return nil
    }

    /// `pt-BR` finds phrases in `pt`.
    private func regional(_ text: String, _ table: PhraseTable) -> PhraseTable.Found? {
        table.phrase(text, from: baseLanguage(from), to: baseLanguage(to))
    }

    /// A phrase with the end mark of the text that it stands for.
    func withEnd(of text: String, _ phrase: String) -> String {
        guard let last = phrase.last, !".!?…:".contains(last) else { return phrase }
        let end = text.lastIndex { !".!?:…".contains($0) }.map { text[text.index(after: $0)...] } ?? ""
        return phrase + end
    }

    /// Without the capitals inside a sentence and the spaces before its marks that the machine makes where `words`, which
    /// it was given, have none.
    func tidied(_ text: String, words: String) -> String {
        let made = [" .", " ,", " ;", " :", " ?", " !", " )"].filter { !words.contains($0) }
        let text = made.reduce(text) { $0.replacing($1, with: $1.dropFirst()) }
        let names = Set(words.split { !$0.isLetter }.filter { $0.first?.isUppercase == true })
        var isFirst = words.first { $0.isLetter }?.isUppercase == true
        return Casing.mappingWords(text) { word in
            defer { isFirst = false }
            guard !isFirst, word.first?.isUppercase == true, !names.contains(word[...]), !isAllCapitals(word) else {
                return word
            }
            let small = word.lowercased()
            // English writes days, peoples and "I" with a capital; of the others, names only, which a source without
            // any has not.
            let isSmall = smallWords[to]?.contains(small) ?? false
            return isSmall || names.isEmpty && to != "en" ? small : word
        }
    }

    private func isAllCapitals(_ word: String) -> Bool { word.count > 1 && !word.contains(where: \.isLowercase) }

    /// With the marks that Spanish sentences begin with, as many as at their end, and "cuando" where nothing is asked.
    func punctuated(_ text: String, like source: String) -> String {
        guard ["es", "ast"].contains(baseLanguage(to)) else { return text }
        let end = source.reversed().drop { "\"'”’»)".contains($0) }.prefix { "?!".contains($0) }
        let mark = String(end.map { $0 == "?" ? "¿" : "¡" })
        if !end.contains("?"), text.lowercased().hasPrefix("cuándo ") {
            return text.prefix(1) + "uando" + text.dropFirst(6)
        }
        guard !mark.isEmpty, !text.contains(mark.prefix(1)), text.contains(where: \.isLetter) else { return text }
        let start = text.firstIndex { !$0.isWhitespace && !"\"'“‘«([-–—".contains($0) } ?? text.startIndex
        return text[..<start] + mark + text[start...]
    }
}
