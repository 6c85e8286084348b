import Glibc
import Imaging

/// Tells from its pixels how a block's text looks.
struct StyleEstimate {
    private let block: TextBlock
    private let picture: Bitmap
    /// The longest words, which tell most.
    private let words: [TextWord]

    private static let mostWords = 5

    init(_ block: TextBlock, in picture: Bitmap) {
        self.block = block
        self.picture = picture
        words = Array(
            block.lines.flatMap(\.words).sorted { $0.text.count > $1.text.count }.prefix(Self.mostWords)
        )
    }

    func style() -> TextStyle {
        let patches = words.map { WordPatch($0, patch($0)) }
        let ink = InkColour(patches, size: block.style.size)
        let face = FaceMatch(patches, ink, size: block.style.size).face
        let stroke = StrokeEstimate(patches, ink, size: block.style.size).stroke
        let size = size(face, around: Self.outline(of: patches, ink, stroke))
        return TextStyle(
            size: size,
            linePitch: linePitch,
            colour: stroke == nil ? TintEstimate(patches, ink).colour : ink.colour,
            stroke: stroke,
            isBold: face.isBold,
            isItalic: face.isItalic,
            isSerif: face.isSerif,
        )
    }

    private func patch(_ word: TextWord) -> Patch {
        let margin = max(3, word.box.height / 3)
        return Patch(picture, word.box.expanded(margin, margin), turnedBy: block.angle, around: block.box.middle)
    }

    /// By the lines' widths, which are measured most exactly, unless the heights say that the face is another, such as a
    /// narrow one.
    /// `outline`: how much of the boxes' height and width it is.
    private func size(_ face: TextFace, around outline: Double) -> Double {
        let sizes = block.lines.map { line in
            let ink = WordTemplate.inkPerEm(line.text, face)
            let byWidth = (Double(line.box.width) - outline) / max(0.1, ink.width)
            let byHeight = (Double(line.box.height) - outline) / max(0.1, ink.height)
            let difference = byWidth > 0 && byHeight > 0 ? abs(log(byWidth / byHeight)) : .infinity
            // Heights are whole pixels: of small letters they say little.
            let isAlike = difference < 0.03 + 1.5 / Double(line.box.height)
            return (size: isAlike ? byWidth : byHeight, difference: difference)
        }
        // A box that reaches into the ground is larger one way only.
        return max(4, sizes.min { $0.difference < $1.difference }?.size ?? 4)
    }

    /// How much higher the words' boxes are than their letters, since some passes see outlines too; negative when they
    /// are lower.
    private static func outline(of words: [WordPatch], _ ink: InkColour, _ stroke: TextStroke?) -> Double {
        guard let stroke else { return 0 }
        let excess = words.map { word in
            let (box, width) = (word.word.box, word.patch.box.width)
            let rows = (box.y..<box.bottom).filter { y in
                let row = (y - word.patch.box.y) * width - word.patch.box.x
                let inked = (box.x..<box.right).count { word.patch.colours[row + $0].distance(to: ink.colour) <= 48 }
                return 20 * inked >= box.width
            }
            return box.height - (rows.last ?? box.bottom - 1) + (rows.first ?? box.y) - 1
        }
        // Less than an outline is only soft edges, of which the outer half was taken for the outline.
        let middle = Double(excess.sorted()[excess.count / 2])
        return middle < 1.2 * stroke.width ? -1 : min(middle, 2 * stroke.width)
    }

    /// The median distance between baselines.
    private var linePitch: Double? {
        let baselines = block.lines.map { line in
            let layout = TextLayout(line.text, TextFace(), size: 100)
            let below = max(0, layout.ink.bottom - layout.baseline) / max(1, layout.ink.height)
            return Double(line.box.bottom) - below * Double(line.box.height)
        }
        let pitches = zip(baselines.dropFirst(), baselines).map { $0 - $1 }.sorted()
        return pitches.isEmpty ? nil : pitches[pitches.count / 2]
    }
}

/// A word, its surroundings and itself drawn in a plain face.
struct WordPatch {
    let word: TextWord
    let patch: Patch
    let plain: WordTemplate
    /// Pixels of the patch that the word, or what its edges are mixed with, covers.
    let near: [Bool]

    init(_ word: TextWord, _ patch: Patch) {
        self.word = word
        self.patch = patch
        plain = WordTemplate(word.text, TextFace(), ink: word.box, in: patch.box)
        near =
            PixelSet(width: patch.box.width, height: patch.box.height, flags: plain.coverage.map { $0 > 0 })
            .dilated(max(2, word.box.height / 8)).flags
    }

    /// The colours around the word.
    var beside: [Colour] { zip(patch.colours, near).filter { !$1 }.map(\.0) }
}
