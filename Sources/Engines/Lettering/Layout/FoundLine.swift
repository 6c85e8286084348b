import OCR

/// A line while blocks are formed.
struct FoundLine {
    var words: [RecognizedWord]
    /// Around all words.
    let box: TextBox
    /// The size of a font whose letters stand as high as these, in pixels. Unlike the height of the box it does not
    /// depend on which letters the line has.
    let em: Double
    /// How much higher a capital would reach than the line's own letters do, in pixels.
    let headroom: Double

    /// Height of a capital, in ems.
    private static let capital = 0.73

    init(_ words: [RecognizedWord]) {
        self.words = words
        let boxes = words.map { TextBox($0.box) }
        box = boxes.dropFirst().reduce(boxes[0]) { $0.union($1) }
        let layout = TextLayout(words.map(\.text).joined(separator: " "), TextFace(), size: 100)
        let ink = layout.ink
        em = ink.height > 0 ? 100 * Double(box.height) / ink.height : Double(box.height)
        headroom = em * max(0, Self.capital - (layout.baseline - ink.y) / 100)
    }

    var text: String { words.map(\.text).joined(separator: " ") }

    /// 0...100.
    var confidence: Double {
        let letters = words.reduce(0) { $0 + $1.text.count }
        return words.reduce(0) { $0 + $1.confidence * Double($1.text.count) } / Double(max(1, letters))
    }

    /// The parts between gaps that are wider than a space: labels that stand in one row.
    func parts() -> [FoundLine] {
        var parts: [[RecognizedWord]] = []
        for word in words.sorted(by: { $0.box.x < $1.box.x }) {
            if let last = parts.last?.last, Double(word.box.x - last.box.x - last.box.width) < 1.5 * em {
                parts[parts.count - 1].append(word)
            } else {
                parts.append([word])
            }
        }
        return parts.map(FoundLine.init)
    }

    /// Whether the other line continues this one in the same row.
    func isContinued(by other: FoundLine) -> Bool {
        let shared = min(box.bottom, other.box.bottom) - max(box.y, other.box.y)
        let gap = Double(other.box.x - box.right)
        return 2 * shared > min(box.height, other.box.height) && gap > -0.2 * em && gap < 0.7 * em
            && isAlike(other, 1.3)
    }

    /// Whether the other line stands below this one as the next of a paragraph.
    func isFollowed(by other: FoundLine) -> Bool {
        let gap = Double(other.box.y - box.bottom)
        let shared = min(box.right, other.box.right) - max(box.x, other.box.x)
        // A line such as `nor are` begins lower, and is no farther away.
        return gap > -0.4 * em && gap - other.headroom < 0.75 * max(em, other.em) && isAlike(other, 1.35)
            && Double(shared) > 0.3 * Double(min(box.width, other.box.width))
    }

    private func isAlike(_ other: FoundLine, _ most: Double) -> Bool {
        max(em, other.em) / min(em, other.em) < most
    }
}

extension TextBox {
    init(_ box: WordBox) { self.init(x: box.x, y: box.y, width: box.width, height: box.height) }
}
