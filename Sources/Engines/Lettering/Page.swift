import Imaging

/// A picture and the text that was found in it.
package struct Page: Sendable {
    /// Upright, as decoded.
    package var picture: Bitmap
    /// In the order of reading; none when there is no text.
    package var blocks: [TextBlock]
    /// Writing in columns, from right to left: it is neither taken out nor set.
    package var columns: [TextLine] = []
    /// Whether it is written in characters that the reader does not know; its blocks are mostly wrong then.
    package var hasUnreadCharacters = false
}

/// A picture without some of its text.
package struct CleanPicture: Sendable {
    /// With the text, as decoded.
    package var original: Bitmap
    package var picture: Bitmap
    /// One band, the same size: 255 where a pixel was replaced, 0 elsewhere.
    package var mask: Bitmap

    /// All of one size.
    package init(original: Bitmap, picture: Bitmap, mask: Bitmap) {
        self.original = original
        self.picture = picture
        self.mask = mask
    }
}

/// What to write in the place of a block.
package struct BlockText: Sendable {
    /// Its box, angle and style say where and how; a caller may change them.
    package var block: TextBlock
    package var text: String
    /// Of ``text``, BCP 47; `nil` when it is not known. Chooses shapes of letters and where lines may end.
    package var language: String?

    package init(block: TextBlock, text: String, language: String? = nil) {
        self.block = block
        self.text = text
        self.language = language
    }
}

/// How the text of a block was set.
package struct BlockOutcome: Sendable, Hashable, Codable {
    /// What the text was fitted into, turned like the block.
    package var box: TextBox
    /// Around what was drawn, turned like the block: a part of ``box``.
    package var ink: TextBox
    /// Upright: no pixel outside was changed for this block, neither by erasing nor by setting.
    package var changed: TextBox
    /// Of the font, in pixels.
    package var size: Double
    /// ``size`` as a share of the source's; above 1 only where that was too small to be read.
    package var sizeRatio: Double
    package var lineCount: Int
    /// Of the letters, and of the outline around them, as drawn: the source's, changed where they could not be read.
    package var colour: Colour
    package var stroke: TextStroke?
    /// Of the letters against what lies behind or around them, 1...21 (WCAG 2.2).
    package var contrast: Double
    /// Why the text was not set; the block then shows its original pixels.
    package var problem: BlockProblem?
}

/// Why a text could not be set.
package enum BlockProblem: Sendable, Hashable, Codable {
    /// So many of its characters are in no installed font.
    case missingGlyphs(Int)
    /// It does not fit its place at a size that can be read.
    case overflow
}

/// A picture with other text in it.
package struct LetteredPicture: Sendable {
    package var picture: Bitmap
    /// The picture as a file.
    package var png: [UInt8]
    /// One for each text, in their order.
    package var outcomes: [BlockOutcome]
}
