/// One sentence on its way: forms of it that the machine tries, and the best of what came back.
struct SentenceWork {
    private let source: SourceSentence
    private let casing: Casing
    private let phrases: Phrases
    /// What the machine translates, and what stands around it: a phrase may have a gap.
    private let words: String
    private let around: (before: String, after: String)
    /// Without the capitals that casing gives; the first form that is tried.
    private let lowered: String
    /// A phrase, or a sentence without letters.
    private var fixed: String?
    private var best: Machine.Draft?

    init(_ source: SourceSentence, _ phrases: Phrases, _ parts: KeptParts) {
        self.source = source
        self.phrases = phrases
        casing = parts.beginsWithCapital(source.text) ? .sentence : Casing(source.text, language: phrases.from)
        let hasParts = !KeptParts.indices(in: source.text).isEmpty
        let found = hasParts ? nil : phrases.find(source.text)
        switch found {
        case .whole(let phrase): fixed = phrases.withEnd(of: source.text, phrase)
        case nil where !source.text.contains(where: \.isLetter): fixed = source.text
        case .around, nil: fixed = nil
        }
        if case .around(let words, let before, let after) = found {
            (self.words, around) = (words, (before, after))
        } else {
            (words, around) = (source.text, ("", ""))
        }
        lowered = casing.lowered(words, language: phrases.from)
    }

    // MARK: - Forms

    /// What the machine is asked first.
    var forms: [String] {
        if fixed != nil { return [] }
        return casing == .title && words != lowered ? [lowered, words] : [lowered]
    }

    /// What it is asked then: names that lost their capitals above and are unknown without.
    var namesRestored: String? {
        guard let best, !best.unknown.isEmpty, words != lowered else { return nil }
        let unknown = Set(best.unknown.map { $0.lowercased() })
        let restored = Casing.mappingWords(lowered) { unknown.contains($0.lowercased()) ? capitalised($0) : $0 }
        return restored == lowered ? nil : restored
    }

    /// Of equal drafts the first that came stays.
    mutating func take(_ drafts: some Sequence<Machine.Draft>) {
        for draft in drafts where best.map({ Self.cost(draft) < Self.cost($0) }) ?? true { best = draft }
    }

    private static func cost(_ draft: Machine.Draft) -> Int { draft.text == nil ? .max : draft.unknown.count }

    /// What the machine lost a part or a number of is translated between these, which cannot be lost then.
    var pieces: [String]? {
        guard fixed == nil, best?.text == nil else { return nil }
        return splitAroundFixed(lowered)
    }

    /// `translated`: As many as ``pieces``.
    mutating func take(pieces translated: [Machine.Draft], of pieces: [String]) {
        let text = zip(pieces, translated).map { piece, draft in draft.text ?? piece }.joined()
        best = Machine.Draft(text: text, unknown: translated.flatMap(\.unknown))
    }

    // MARK: - Result

    /// How many words the machine did not know.
    var unknownWords: Int { best?.unknown.count ?? 0 }

    /// How many words it has been given.
    var machineWords: Int { fixed == nil ? lowered.split { !$0.isLetter }.count : 0 }

    /// The sentence in the other language, its parts put back, and the white space behind it.
    func result(_ parts: KeptParts) -> String {
        let middle = phrases.tidied(best?.text ?? words, words: lowered)
        let text =
            around == ("", "") ? middle : phrases.withEnd(of: source.text, around.before + middle + around.after)
        let sentence = casing.applied(to: phrases.punctuated(fixed ?? text, like: source.text), language: phrases.to)
        return parts.restored(sentence, casing) + source.gap
    }
}

/// Cuts a text so that kept parts, numbers and signs stand alone; joined again, it is the text.
func splitAroundFixed(_ text: String) -> [String] {
    var result: [String] = []
    var wasFixed: Bool?
    for character in text {
        let isPart = character.unicodeScalars.contains { KeptParts.index(of: $0) != nil }
        let isSign = character != " " && !character.unicodeScalars.allSatisfy(ApertiumMessage.isLanguage)
        let isFixed = isPart || isSign || character.isWholeNumber
        if wasFixed == isFixed, !isPart {
            result[result.count - 1].append(character)
        } else {
            result.append(String(character))
        }
        wasFixed = isFixed
    }
    return result
}
