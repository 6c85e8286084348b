import Imaging

/// What colours a text is drawn in, so that it can be read on its ground.
struct TextColours {
    let letters: Colour
    let stroke: TextStroke?
    /// Of the letters against the stroke, or against the ground without one.
    let contrast: Double

    /// On a plain ground the letters themselves are made brighter or darker where they must; on others they get an
    /// outline.
    init(_ style: TextStyle, on picture: Bitmap, in box: TextBox) {
        let ground = picture.median(in: box)
        let isPlain = picture.spread(in: box) <= 24
        if let stroke = style.stroke {
            letters = style.colour
            let isReadable = Colour.contrast(style.colour, stroke.colour) >= Colour.leastContrast
            self.stroke = TextStroke(colour: isReadable ? stroke.colour : style.colour.opposite, width: stroke.width)
        } else if isPlain {
            letters = style.colour.readable(on: ground)
            stroke = nil
        } else {
            letters = style.colour
            let worst = picture.leastContrast(to: style.colour, in: box)
            stroke =
                worst >= Colour.leastContrast
                ? nil : TextStroke(colour: style.colour.opposite, width: max(1, style.size / 14))
        }
        contrast = Colour.contrast(letters, stroke?.colour ?? ground)
    }

    /// How far the outline reaches out, in shares of the letters' size.
    func outline(of style: TextStyle) -> Double { (stroke?.width ?? 0) / style.size }
}
