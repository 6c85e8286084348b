/// Lines of text that belong together, such as a paragraph, a caption or the label of a button.
package struct TextBlock: Sendable, Hashable, Codable {
    /// Around the ink of all lines. A block that stands askew is this box, turned by ``angle`` around its middle.
    package var box: TextBox
    /// Degrees by which the text is turned clockwise, -15...15; 0 for most.
    package var angle: Double
    /// From 0, in the order of reading.
    package var order: Int
    /// From the first to the last; their boxes lie in the same turned frame as ``box``.
    package var lines: [TextLine]
    /// The lines joined to one text; words cut at the end of a line are whole again.
    package var text: String
    /// 0...1, the mean of the reader's confidence over all letters.
    package var confidence: Double
    package var style: TextStyle

    package init(
        box: TextBox,
        angle: Double = 0,
        order: Int,
        lines: [TextLine],
        text: String,
        confidence: Double,
        style: TextStyle,
    ) {
        self.box = box
        self.angle = angle
        self.order = order
        self.lines = lines
        self.text = text
        self.confidence = confidence
        self.style = style
    }

    /// The corners in the picture, clockwise from the top left of the text, in pixels.
    package var corners: [TextPoint] { box.corners(turnedBy: angle, around: box.middle) }
}

/// A line as it was read.
package struct TextLine: Sendable, Hashable, Codable {
    package var text: String
    /// Around the ink, in the frame of its block.
    package var box: TextBox
    /// 0...1.
    package var confidence: Double
    package var words: [TextWord]

    package init(text: String, box: TextBox, confidence: Double, words: [TextWord]) {
        self.text = text
        self.box = box
        self.confidence = confidence
        self.words = words
    }
}

/// A word of a line.
package struct TextWord: Sendable, Hashable, Codable {
    package var text: String
    /// Around the ink, in the frame of its block.
    package var box: TextBox

    package init(text: String, box: TextBox) {
        self.text = text
        self.box = box
    }
}
