internal import CPango
import Imaging

/// A word drawn by ourselves over the place where it was read, to tell its letters from what lies behind them.
struct WordTemplate {
    /// 0...255 for each pixel of the rectangle.
    let coverage: [UInt8]
    /// Width by height of the ink in this face, as a share of what was read: 1 when the face fits.
    let aspect: Double

    /// `ink`: where the word stands, within `box`.
    init(_ text: String, _ face: TextFace, ink: TextBox, in box: TextBox) {
        let layout = TextLayout(text, face, size: Self.size)
        let drawn = layout.ink
        let across = Double(ink.width) / max(1, drawn.width)
        let down = Double(ink.height) / max(1, drawn.height)
        aspect = down / across
        coverage =
            Coverage(box, turnedBy: 0, around: box.middle) { drawing in
                cairo_translate(drawing, Double(ink.x), Double(ink.y))
                cairo_scale(drawing, across, down)
                cairo_move_to(drawing, -drawn.x, -drawn.y)
                layout.draw(on: drawing)
            }.values
    }

    /// Height and width of a word's ink for a font of one pixel.
    static func inkPerEm(_ text: String, _ face: TextFace) -> (width: Double, height: Double) {
        let ink = TextLayout(text, face, size: size).ink
        return (ink.width / size, ink.height / size)
    }

    private static let size = 64.0
}
