/// A picture prepared for a reader of text: one byte a pixel, row after row.
package struct Sheet: Sendable, Equatable {
    package let size: PixelSize
    package let pixels: [UInt8]
    /// Pixels of the sheet for one pixel of the picture.
    package let scale: Double
}

/// What a sheet shows of its picture.
package enum SheetInk: Sendable, Hashable {
    /// Its brightness.
    case grey
    /// Black where red, green and blue are all at least this, white elsewhere: the letters of most memes.
    case nearWhite(Int)
}
