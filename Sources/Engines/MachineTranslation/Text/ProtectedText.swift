/// A text for a translator that may lose or change terms: those of a glossary and addresses are out of its reach, and are
/// put into what it makes of the rest.
package struct ProtectedText: Sendable {
    private let parts: KeptParts
    private let marks: StandIns
    private let casing: Casing

    init(_ parts: KeptParts, language: String?) {
        self.parts = parts
        marks = StandIns(parts.text, .marks)
        casing = parts.beginsWithCapital(parts.text) ? .sentence : Casing(parts.text, language: language ?? "")
    }

    /// Whether there is anything that must not be lost.
    package var hasParts: Bool { !parts.parts.isEmpty }

    /// With a mark such as `⟦a⟧` in the place of each part.
    package var text: String { marks.text }

    /// Each mark with what is put in its place, for whoever has to build a sentence around it.
    package var meanings: [(mark: String, meaning: String)] {
        zip(marks.all, parts.parts).map { ($0, $1.term?.target ?? $1.written) }
    }

    /// A translation of ``text`` with the parts in place of their marks; `nil` when a mark is not there exactly once.
    package func restored(_ translation: String) -> String? {
        guard let text = marks.restored(Self.withoutPrivate(translation)) else { return nil }
        return parts.restored(text, casing)
    }

    /// Whether a translation has marks, or something like them.
    package func hasMarks(in translation: String) -> Bool { marks.areIn(translation) }

    // MARK: - In pieces

    /// What stands between the parts and has letters, in order: it can be translated without knowing of them.
    package var pieces: [String] { gaps.map(\.words).filter { !$0.isEmpty } }

    /// `translations`: Of ``pieces``, as many. The parts stand between them in the order of the source.
    package func joined(_ translations: [String]) -> String {
        var rest = translations[...]
        let gaps = gaps.map { gap in
            gap.words.isEmpty ? gap.before + gap.after : gap.before + Self.trimmed(rest.removeFirst()) + gap.after
        }
        let all = gaps.enumerated().map { index, gap in
            index == 0 ? gap : String(KeptParts.character(index - 1)) + gap
        }
        return parts.restored(all.joined(), casing)
    }

    /// What stands before the first part, between two, and behind the last one.
    private struct Gap {
        /// Marks and white space.
        let before: String
        /// Empty where there are no letters.
        let words: String
        /// White space.
        let after: String

        init(_ text: String) {
            guard text.contains(where: \.isLetter) else {
                (before, words, after) = (text, "", "")
                return
            }
            let rest = text.drop { !$0.isLetter && !$0.isNumber }
            let end = rest.lastIndex { !$0.isWhitespace }.map(rest.index(after:)) ?? rest.endIndex
            before = String(text[..<rest.startIndex])
            words = String(rest[..<end])
            after = String(rest[end...])
        }
    }

    private var gaps: [Gap] {
        parts.text.unicodeScalars.split(omittingEmptySubsequences: false) { KeptParts.index(of: $0) != nil }
            .map { Gap(String($0)) }
    }

    private static func trimmed(_ text: String) -> String {
        let rest = withoutPrivate(text).drop(while: \.isWhitespace)
        return String(rest[..<(rest.lastIndex { !$0.isWhitespace }.map(rest.index(after:)) ?? rest.endIndex)])
    }

    /// What a translator says must not be taken for a part.
    private static func withoutPrivate(_ text: String) -> String {
        String(text.unicodeScalars.filter { KeptParts.index(of: $0) == nil })
    }
}
