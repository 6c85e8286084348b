/// A picture prepared for a reader of text: one byte a pixel, row after row.
package struct Sheet: Sendable, Equatable {
    package let size: PixelSize
    package var pixels: [UInt8]
    /// Pixels of the sheet for one pixel of the picture.
    package let scale: Double
    /// What the sheet's left and top are in the picture's frame, in pixels of the sheet; not 0 only when it was turned.
    package var origin = (x: 0, y: 0)

    /// `pixels`: width x height bytes, 0 for ink and 255 for none.
    package init(size: PixelSize, pixels: [UInt8], scale: Double) {
        precondition(pixels.count == size.pixels)
        self.size = size
        self.pixels = pixels
        self.scale = scale
    }

    package static func == (one: Sheet, other: Sheet) -> Bool {
        one.size == other.size && one.pixels == other.pixels && one.scale == other.scale && one.origin == other.origin
    }
}

/// What a sheet shows of its picture, dark on bright.
package enum SheetInk: Sendable, Hashable {
    /// Its brightness, whichever way round.
    case grey
    /// Letters of one colour, whichever it is, in a dark outline: most memes.
    case inDarkOutline
    /// Letters of one colour in a bright outline or on a bright panel.
    case inBrightOutline
    /// Thin and brighter than what lies around: small white text.
    case brightStrokes
    /// Thin and darker than what lies around: small black text.
    case darkStrokes
    /// White, whatever lies around: captions on a photo.
    case nearWhite
    /// Black, whatever lies around.
    case nearBlack
    /// Of strong colour: text as bright as its ground.
    case colourful
}
