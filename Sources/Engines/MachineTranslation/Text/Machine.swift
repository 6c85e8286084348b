/// Texts through the pipes of a route. Kept parts go in as invented words and come out as parts again.
struct Machine {
    /// What became of a text.
    struct Draft: Equatable {
        /// `nil` when the machine lost a kept part, a sign or a number.
        var text: String?
        var unknown: [String]
    }

    let pool: PipePool
    let route: [LanguagePair]

    /// As many drafts as texts.
    func translate(_ texts: [String]) throws(TranslationError) -> [Draft] {
        let inputs = texts.map { StandIns($0, .words) }
        var answers = inputs.map { ApertiumMessage.Answer(text: $0.text) }
        for pair in route {
            let before = answers
            answers = try pool.translate(before.map(\.text), pair)
            // A word that the first step leaves is most often unknown to the second too: it counts once.
            for (index, earlier) in before.enumerated() {
                if earlier.unknown.count > answers[index].unknown.count { answers[index].unknown = earlier.unknown }
                if !earlier.isComplete { answers[index].isComplete = false }
            }
        }
        return zip(inputs, answers).map { input, answer in
            let text = answer.isComplete ? input.restored(answer.text) : nil
            let isWhole = text.map { digits($0, beside: input.text) == digits(input.text, beside: $0) } ?? false
            return Draft(text: isWhole ? text : nil, unknown: answer.unknown.filter { !input.isStandIn($0) })
        }
    }
}

/// The digits of a text, sorted: word order changes. "siglo XIX" has those of "19th century", if that is beside it.
private func digits(_ text: String, beside other: String) -> [Character] {
    let others = Set(other.split { !$0.isWholeNumber })
    let roman = text.split { !$0.isLetter }.compactMap { romanNumber($0).map(String.init) }
    return (text.filter(\.isWholeNumber) + roman.filter { others.contains($0[...]) }.joined()).sorted()
}

/// Up to 39, as centuries are written; "I" is more often a word.
private func romanNumber(_ word: Substring) -> Int? {
    let tens = word.prefix { $0 == "X" }.count
    let ones = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"]
    guard tens < 4, word != "I", let one = ones.firstIndex(of: String(word.dropFirst(tens))) else { return nil }
    return tens * 10 + one
}
