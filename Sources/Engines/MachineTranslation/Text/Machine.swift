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
            let isWhole = text.map { digits($0) == digits(input.text) } ?? false
            return Draft(text: isWhole ? text : nil, unknown: answer.unknown.filter { !input.isStandIn($0) })
        }
    }
}

/// The digits of a text, sorted: word order changes.
private func digits(_ text: String) -> [Character] { text.filter(\.isWholeNumber).sorted() }
