import Database
import Kernel
import MachineTranslation

/// How a task wants its words.
package struct TranslationOptions: Sendable, Equatable {
    /// What kind of pictures these are; models are asked accordingly.
    package enum Tone: String, Sendable, CaseIterable {
        case general, game, comic, ui, legal
    }

    package var tone = Tone.general
    /// Words and what they become. A term that becomes itself stays as it is.
    package var glossary: [(term: String, translation: String)] = []
    /// Whether a picture that fails a check fails altogether.
    package var isStrict = false
    /// Whether a model is told the words on the task's other pictures.
    package var hasContext = true

    package init() {}

    package static func == (left: TranslationOptions, right: TranslationOptions) -> Bool { left.json == right.json }

    /// The glossary as the translators of this machine take it.
    var terms: Glossary {
        Glossary(
            terms: glossary.filter { $0.term != $0.translation }.map {
                Glossary.Term(source: $0.term, target: $0.translation)
            },
            kept: glossary.filter { $0.term == $0.translation }.map(\.term),
        )
    }

    var json: JSON {
        [
            "tone": JSON(tone.rawValue), "strict": JSON(isStrict), "context": JSON(hasContext),
            "glossary": .object(glossary.map { ($0.term, JSON($0.translation)) }),
        ]
    }

    /// Reads what ``json`` wrote; what is missing has its standard.
    init(json: JSON) {
        tone = json["tone"]?.string.flatMap(Tone.init) ?? .general
        isStrict = json["strict"]?.bool ?? false
        hasContext = json["context"]?.bool ?? true
        if case .object(let members)? = json["glossary"] {
            glossary = members.compactMap { term, value in value.string.map { (term, $0) } }
        }
    }
}
