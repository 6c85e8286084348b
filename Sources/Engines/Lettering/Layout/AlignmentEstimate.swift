import Imaging

/// Tells on which side the lines of a block are even; a single line is compared with the room around it.
struct AlignmentEstimate {
    let alignment: TextAlignment

    init(_ block: TextBlock, in picture: Bitmap) {
        let boxes = block.lines.map(\.box)
        alignment = boxes.count > 1 ? Self.ofLines(boxes, block.style.size) : Self.ofRoom(around: block, picture)
    }

    private static func ofLines(_ boxes: [TextBox], _ size: Double) -> TextAlignment {
        let left = spread(boxes.map { Double($0.x) })
        let right = spread(boxes.map { Double($0.right) })
        let middle = spread(boxes.map { $0.middle.x })
        // Even on both sides: a paragraph in full lines, or lines of about one length.
        if left < 0.3 * size, left <= 1.5 * min(right, middle) { return .left }
        if middle <= left, middle <= right { return .centre }
        return left <= right ? .left : .right
    }

    private static func spread(_ values: [Double]) -> Double { (values.max() ?? 0) - (values.min() ?? 0) }

    /// In the middle of its panel, or nearer to one side of it.
    private static func ofRoom(around block: TextBlock, _ picture: Bitmap) -> TextAlignment {
        let left = room(block, picture, to: -1)
        let right = room(block, picture, to: 1)
        if Double(abs(left - right)) <= max(0.4 * block.style.size, 0.1 * Double(left + right)) { return .centre }
        return left > 4 * right && Double(left) > 4 * block.style.size ? .right : .left
    }

    /// Columns of one colour beside a block.
    private static func room(_ block: TextBlock, _ picture: Bitmap, to direction: Int) -> Int {
        let box = block.box.turnedBounds(by: block.angle, around: block.box.middle)
        var x = direction < 0 ? box.x - 1 : box.right
        var ground: Colour?
        var count = 0
        while let column = TextBox(x: x, y: box.y, width: 1, height: box.height).within(picture.size) {
            let colours = picture.sample(in: column)
            let median = Colour(medianOf: colours)
            let first = ground ?? median
            guard median.spread(of: colours) <= 24, median.distance(to: first) <= 24 else { break }
            ground = first
            count += 1
            x += direction
        }
        return count
    }
}
