import Imaging

/// How a text looks, as far as it can be told from its pixels.
package struct TextStyle: Sendable, Hashable, Codable {
    /// Of the font, in pixels of the picture (its em, not the height of a letter).
    package var size: Double
    /// From one baseline to the next, in pixels; `nil` for a single line.
    package var linePitch: Double?
    package var colour: Colour
    /// The outline around the letters; `nil` for none.
    package var stroke: TextStroke?
    package var alignment: TextAlignment
    package var isBold: Bool
    package var isItalic: Bool
    package var isSerif: Bool

    package init(
        size: Double,
        linePitch: Double? = nil,
        colour: Colour = Colour(red: 0, green: 0, blue: 0),
        stroke: TextStroke? = nil,
        alignment: TextAlignment = .left,
        isBold: Bool = false,
        isItalic: Bool = false,
        isSerif: Bool = false,
    ) {
        self.size = size
        self.linePitch = linePitch
        self.colour = colour
        self.stroke = stroke
        self.alignment = alignment
        self.isBold = isBold
        self.isItalic = isItalic
        self.isSerif = isSerif
    }
}

/// An outline around letters.
package struct TextStroke: Sendable, Hashable, Codable {
    package var colour: Colour
    /// How far it reaches out of the letters, in pixels.
    package var width: Double

    package init(colour: Colour, width: Double) {
        self.colour = colour
        self.width = width
    }
}

/// Where the lines of a block meet its box.
package enum TextAlignment: String, Sendable, Hashable, Codable {
    case left, centre, right
}
