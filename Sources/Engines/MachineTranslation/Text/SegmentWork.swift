/// Segments on their way: phrases first, then sentences through the machine, all of them together in each round.
struct SegmentWork {
    private let machine: Machine
    private let phrases: Phrases
    private let terms: TermMatcher
    /// What a draft of this route is worth at most.
    private let routeConfidence: Double

    init(_ machine: Machine, _ phrases: Phrases, _ terms: TermMatcher) {
        self.machine = machine
        self.phrases = phrases
        self.terms = terms
        routeConfidence = machine.route.count > 1 ? 0.8 : 1
    }

    /// As many translations as segments. Blocks the thread.
    func translate(_ segments: some Collection<String>) throws(TranslationError) -> [Translation] {
        let parts = segments.map { KeptParts($0, terms: terms) }
        var sentences = parts.map { part in
            Self.sentences(of: part.text).map { SentenceWork($0, phrases, part) }
        }
        try round(&sentences) {
            $0.forms
        } take: {
            $0.take($1)
        }
        try round(&sentences) {
            $0.namesRestored.map { [$0] } ?? []
        } take: {
            $0.take($1)
        }
        try round(&sentences) {
            $0.pieces ?? []
        } take: { sentence, drafts in
            if let pieces = sentence.pieces { sentence.take(pieces: Array(drafts), of: pieces) }
        }
        return zip(parts, sentences).map { part, sentences in translation(of: sentences, part) }
    }

    /// White space before the text is a sentence without letters.
    private static func sentences(of text: String) -> [SourceSentence] {
        let space = text.prefix { $0.isWhitespace }
        let lead = space.isEmpty ? [] : [SourceSentence(text: "", gap: String(space))]
        return lead + splitSentences(String(text[space.endIndex...]))
    }

    /// Asks the machine once for all sentences.
    private func round(
        _ sentences: inout [[SentenceWork]],
        ask: (SentenceWork) -> [String],
        take: (inout SentenceWork, ArraySlice<Machine.Draft>) -> Void,
    ) throws(TranslationError) {
        let texts = sentences.map { $0.map(ask) }
        var drafts = try machine.translate(texts.joined().flatMap { $0 })[...]
        for (segment, asked) in texts.enumerated() {
            for (index, count) in asked.map(\.count).enumerated() where count > 0 {
                take(&sentences[segment][index], drafts.prefix(count))
                drafts = drafts.dropFirst(count)
            }
        }
    }

    private func translation(of sentences: [SentenceWork], _ parts: KeptParts) -> Translation {
        let unknown = sentences.map(\.unknownWords).reduce(0, +)
        let words = sentences.map(\.machineWords).reduce(0, +)
        let known = words == 0 ? 1 : max(0, 1 - Double(unknown) / Double(words))
        return Translation(
            text: sentences.map { $0.result(parts) }.joined(),
            unknownWords: unknown,
            confidence: words == 0 ? 1 : known * routeConfidence,
        )
    }
}
