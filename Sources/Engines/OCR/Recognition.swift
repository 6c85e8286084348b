/// What was read in a picture.
package struct Recognition: Sendable, Equatable {
    /// The best ones of each place first; in the order of reading within a line.
    package var words: [RecognizedWord]
    /// Columns of characters that stand one below the other, each as one word, from right to left. They are none of
    /// ``words``.
    package var columns: [RecognizedWord] = []
    /// Whether it is written in Chinese, Japanese or Korean, and no language that was asked for has such characters. Then
    /// ``words`` are few, and mostly wrong.
    package var hasUnreadCharacters = false
    /// Of the upright picture, in pixels; boxes of level words lie within.
    package var width: Int
    package var height: Int

    package init(
        words: [RecognizedWord],
        columns: [RecognizedWord] = [],
        hasUnreadCharacters: Bool = false,
        width: Int,
        height: Int,
    ) {
        self.words = words
        self.columns = columns
        self.hasUnreadCharacters = hasUnreadCharacters
        self.width = width
        self.height = height
    }

    /// The words as text, one line for each line that was read. Between two Chinese, Japanese or Korean characters
    /// stands no space, since Tesseract cuts their lines anywhere.
    package var text: String {
        var text = ""
        var last: RecognizedWord?
        for word in words {
            if let last { text += last.line == word.line ? joint(last.text, word.text) : "\n" }
            text += word.text
            last = word
        }
        return text
    }
}

/// A word, as one pass read it.
package struct RecognizedWord: Sendable, Equatable {
    package var text: String
    package var box: WordBox
    /// Degrees by which its line is turned clockwise; equal for all words of a line. Unless it is 0, ``box`` lies in the
    /// picture turned back by so much around its middle, where the line is level.
    package var angle: Double
    /// 0...100, as Tesseract sees it; above about 80 most words are right.
    package var confidence: Double
    /// Equal for the words of one line of one pass.
    package var line: Int
    /// Name of the pass that read it.
    package var pass: String

    package init(text: String, box: WordBox, angle: Double = 0, confidence: Double, line: Int, pass: String) {
        self.text = text
        self.box = box
        self.angle = angle
        self.confidence = confidence
        self.line = line
        self.pass = pass
    }
}

/// A rectangle in pixels of the upright picture, from its left and top.
package struct WordBox: Sendable, Hashable {
    package var x: Int
    package var y: Int
    package var width: Int
    package var height: Int

    package init(x: Int, y: Int, width: Int, height: Int) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    var area: Int { width * height }

    /// The share of the smaller of both that the other covers, 0...1.
    func overlap(with other: WordBox) -> Double {
        let across = min(x + width, other.x + other.width) - max(x, other.x)
        let down = min(y + height, other.y + other.height) - max(y, other.y)
        guard across > 0, down > 0 else { return 0 }
        return Double(across * down) / Double(max(1, min(area, other.area)))
    }

    /// Whether both are the same place: half of the smaller one lies in the other.
    package func covers(_ other: WordBox) -> Bool { overlap(with: other) >= 0.5 }
}

private func joint(_ left: String, _ right: String) -> String {
    guard let end = left.unicodeScalars.last, let start = right.unicodeScalars.first else { return "" }
    return end.isWrittenWithoutSpaces && start.isWrittenWithoutSpaces ? "" : " "
}

extension Unicode.Scalar {
    /// Of Chinese or Japanese writing, or their punctuation.
    fileprivate var isWrittenWithoutSpaces: Bool {
        switch value {
        case 0x3000...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0xFF00...0xFFEF, 0x20000...0x3FFFF:
            true
        default: false
        }
    }
}
