/// What the index knows of one meme. The caller keeps the rows; the index keeps what searching needs of them.
package struct SearchDocument: Sendable, Equatable {
    /// The meme's dense number, at most ``LexicalIndex/highestNumber``.
    package var number: UInt32
    /// What stands in the picture: all that the OCR passes read.
    package var text = ""
    /// The words in the picture as a person reads them: its language is told by them.
    package var caption = ""
    package var title = ""
    package var meaning = ""
    package var scene = ""
    /// Subjects, template, keywords: what people and vision models call it.
    package var tags: [String] = []
    /// Names of ``Emotion``s or words for them in English or Chinese; others count as tags.
    package var emotions: [String] = []
    /// The words of its file's names (``fileNameWords(_:)``).
    package var nameWords = ""
    package var libraries: [String] = []
    /// Names of colours, the strongest first.
    package var colors: [String] = []
    /// `jpeg`, `png`, `gif`, `webp` …
    package var type = ""
    package var isAnimated = false
    /// Pixels, of the picture as it is shown.
    package var width = 0
    package var height = 0
    /// The 64-bit perceptual hash, or nil when there is none: families and likeness are told by it.
    package var pictureHash: UInt64?
    /// Equal for equal pictures, such as the first eight bytes of a digest of the file.
    package var contentHash: UInt64?
    package var likes = 0
    package var dislikes = 0

    package init(number: UInt32) { self.number = number }
}

/// A part of a document. Raw values order its folded text.
enum Field: Int, CaseIterable {
    case text, title, tags, meaning, fileName

    /// What one occurrence counts, in fifths, so that a posting holds it in a byte.
    var weight: UInt8 {
        switch self {
        case .text, .title: 5
        case .tags: 4
        case .meaning: 3
        case .fileName: 2
        }
    }

    /// Descriptions are long and seldom typed letter by letter: they have no trigrams.
    var hasTrigrams: Bool { self != .meaning }
}

extension SearchDocument {
    /// The folded text of every field; joined by line feeds it is what the index keeps.
    func foldedFields() -> [String] {
        Field.allCases.map { field in
            switch field {
            case .text: TextFolding.folded(text)
            case .title: TextFolding.folded(title)
            case .tags: TextFolding.folded((tags + emotions).joined(separator: " | "))
            case .meaning: TextFolding.folded(meaning + " \n " + scene)
            case .fileName: TextFolding.folded(nameWords)
            }
        }
    }
}
