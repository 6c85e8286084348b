import Imaging

/// The pixels of a picture around a block: which lie on its lines, and which beside them.
struct TextZone {
    /// Upright, within the picture; `nil` in an initialiser's result when nothing of the block lies in the picture.
    let bounds: TextBox
    private let middle: TextPoint
    private let angle: Double
    private let lines: [TextBox]

    /// How far letters, outlines and shadows reach out of the box that the reader saw, in pixels.
    let margin: Int

    /// `surroundings`: How much more than the lines ``bounds`` shows, in pixels.
    init?(_ block: TextBlock, in size: PixelSize, surroundings: Int = 8) {
        let height = block.lines.map(\.box.height).max() ?? block.box.height
        margin = max(3, Int((Double(height) * 0.22).rounded(.up))) + Int((block.style.stroke?.width ?? 0).rounded(.up))
        middle = block.box.middle
        angle = block.angle
        let boxes = block.lines.isEmpty ? [block.box] : block.lines.map(\.box)
        lines = boxes.map { [margin] in $0.expanded(margin, margin) }
        let all = lines.dropFirst().reduce(lines[0]) { $0.union($1) }.expanded(surroundings, surroundings)
        guard let bounds = all.turnedBounds(by: block.angle, around: block.box.middle).within(size) else { return nil }
        self.bounds = bounds
    }

    /// For each pixel of ``bounds``, row after row, whether it lies on a line.
    func insides() -> [Bool] {
        var insides = Array(repeating: false, count: bounds.area)
        guard angle != 0 else {
            for line in lines { fill(line, &insides) }
            return insides
        }
        for y in bounds.y..<bounds.bottom {
            for x in bounds.x..<bounds.right {
                let place = TextPoint(x: Double(x) + 0.5, y: Double(y) + 0.5).turned(by: -angle, around: middle)
                insides[(y - bounds.y) * bounds.width + x - bounds.x] = lines.contains { $0.contains(place) }
            }
        }
        return insides
    }

    /// The place in a picture's pixels of a place in ``bounds``.
    func pixel(_ index: Int, in size: PixelSize) -> Int {
        (bounds.y + index / bounds.width) * size.width + bounds.x + index % bounds.width
    }

    private func fill(_ line: TextBox, _ insides: inout [Bool]) {
        guard let part = line.intersection(bounds) else { return }
        for y in part.y..<part.bottom {
            let row = (y - bounds.y) * bounds.width - bounds.x
            for x in part.x..<part.right { insides[row + x] = true }
        }
    }
}

extension TextBox {
    /// Upright, around this box turned clockwise by degrees.
    func turnedBounds(by angle: Double, around middle: TextPoint) -> TextBox {
        guard angle != 0 else { return self }
        let corners = corners(turnedBy: angle, around: middle)
        let (xs, ys) = (corners.map(\.x), corners.map(\.y))
        let left = Int((xs.min() ?? 0).rounded(.down))
        let top = Int((ys.min() ?? 0).rounded(.down))
        return TextBox(
            x: left,
            y: top,
            width: Int((xs.max() ?? 0).rounded(.up)) - left,
            height: Int((ys.max() ?? 0).rounded(.up)) - top,
        )
    }

    /// The part that lies in a picture; `nil` when there is none.
    func within(_ size: PixelSize) -> TextBox? {
        intersection(TextBox(x: 0, y: 0, width: size.width, height: size.height))
    }

    func contains(_ point: TextPoint) -> Bool {
        point.x >= Double(x) && point.x < Double(right) && point.y >= Double(y) && point.y < Double(bottom)
    }
}
