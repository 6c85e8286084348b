import Imaging
import OCR

/// What a reader makes of the place of a text after it was replaced.
package struct TextCheck: Sendable, Hashable, Codable {
    /// Letters and digits of the source.
    package var sourceLetters: Int
    /// How many of them stand in words that can still be read.
    package var residue: Int
    /// Letters and digits of the new text; 0 when no installed language has them, so that nobody can tell.
    package var letters: Int
    /// How many of them were read wrong, missed, or added: the distance of Levenshtein.
    package var errors: Int

    /// Whether nothing of the source can be read any more.
    package var isClean: Bool { residue == 0 }

    /// Readers make mistakes with good text too, and more with few letters: a quarter of them wrong is more than that.
    package var isReadable: Bool { letters < 4 || errors * 4 <= letters }

    package init(sourceLetters: Int, residue: Int, letters: Int, errors: Int) {
        self.sourceLetters = sourceLetters
        self.residue = residue
        self.letters = letters
        self.errors = errors
    }

    /// `text`: what was read of the new text; `nil` when no installed language has its letters.
    /// `ground`: what was read where the source stood; without it what `text` has of the source counts.
    init(_ block: BlockText, text: [RecognizedWord]?, ground: [RecognizedWord]?) {
        let wanted = PlainLetters(block.text)
        let read = PlainLetters((text ?? []).map(\.text).joined())
        let own = ground == nil ? Self.words(of: block.text) : []
        self.init(
            sourceLetters: PlainLetters(block.block.text).scalars.count,
            residue: Self.words(of: block.block.text).subtracting(own).intersection(
                Self.sureWords(ground ?? text ?? [])
            )
            .reduce(0) { $0 + $1.scalars.count },
            letters: text == nil ? 0 : wanted.scalars.count,
            errors: text == nil ? 0 : wanted.distance(to: read),
        )
    }

    /// Shorter words are read into any texture.
    private static let leastLetters = 3

    private static func words(of text: String) -> Set<PlainLetters> {
        Set(text.split(whereSeparator: \.isWhitespace).map { PlainLetters(String($0)) })
            .filter { $0.scalars.count >= leastLetters }
    }

    private static func sureWords(_ words: [RecognizedWord]) -> Set<PlainLetters> {
        Set(words.filter { $0.confidence >= 70 }.map { PlainLetters($0.text) })
    }
}

/// The places of one text, prepared to be read again.
struct CheckSheets: Sendable {
    /// Of the new text; `nil` when there is none, or nobody knows its letters.
    var text: Sheet?
    /// Of the source's place without its text; `nil` where nothing can be told apart.
    var ground: Sheet?

    /// `isLegible`: whether the reader knows the letters of the text.
    init(_ text: BlockText, _ outcome: BlockOutcome, on picture: Bitmap, _ clean: CleanPicture, isLegible: Bool) {
        let block = text.block
        if isLegible, !PlainLetters(text.text).scalars.isEmpty {
            let around = Self.paper(outcome.colour, outcome.stroke) ?? Self.ground(outcome.ink, block, clean.picture)
            self.text = Self.sheet(block, outcome.ink, picture, outcome.colour, around, size: outcome.size)
        }
        let source = block.box.expanded(2, 2)
        let style = block.style
        let around = Self.paper(style.colour, style.stroke) ?? Self.ground(source, block, clean.picture)
        ground = Self.sheet(block, source, clean.picture, style.colour, around, size: style.size)
    }

    /// What is nearer to the outline than to the letters is as good as it; `nil` without an outline.
    private static func paper(_ letters: Colour, _ stroke: TextStroke?) -> Colour? {
        stroke.map { letters.mixed(with: $0.colour, 0.5) }
    }

    private static func ground(_ box: TextBox, _ block: TextBlock, _ picture: Bitmap) -> Colour {
        picture.median(in: box.turnedBounds(by: block.angle, around: block.box.middle))
    }

    /// Tesseract reads letters of this size best, in pixels of an em.
    private static let bestSize = 40.0

    private static func sheet(
        _ block: TextBlock,
        _ box: TextBox,
        _ picture: Bitmap,
        _ letters: Colour,
        _ around: Colour,
        size: Double,
    ) -> Sheet? {
        let middle = block.box.middle
        guard let bounds = box.turnedBounds(by: block.angle, around: middle).within(picture.size) else { return nil }
        let plane = InkPlane(picture, bounds, letters: letters, surroundings: around)
        if plane.isPlain { return nil }
        let scale = min(3, max(0.4, bestSize / max(1, size)))
        return plane.sheet(of: box, turnedBy: block.angle, around: middle, scale: scale)
    }
}
