import Imaging

/// Tells on which side the lines of a block are even; a single line is compared with other blocks and with the room
/// around it.
struct AlignmentEstimate {
    let alignment: TextAlignment

    init(_ index: Int, of blocks: [TextBlock], in picture: Bitmap) {
        let block = blocks[index]
        let boxes = block.lines.map(\.box)
        if boxes.count > 1 {
            alignment = Self.ofLines(boxes, block.style.size)
        } else {
            let middle = TextPoint(x: Double(picture.size.width) / 2, y: Double(picture.size.height) / 2)
            // In one frame, where even sides stand above each other.
            func place(_ block: TextBlock) -> TextBox { block.box.carried(by: -block.angle, around: middle) }
            let others = blocks.indices.filter { $0 != index && blocks[$0].angle == block.angle }
            alignment =
                Self.among(others.map { place(blocks[$0]) }, place(block), block.style.size)
                ?? Self.ofRoom(around: block, picture)
        }
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

    /// What most other blocks share with it: a left side, a middle or a right side; `nil` when none does.
    private static func among(_ others: [TextBox], _ box: TextBox, _ size: Double) -> TextAlignment? {
        let near = max(3, size / 5)
        func count(_ side: (TextBox) -> Double) -> Int { others.count { abs(side($0) - side(box)) <= near } }
        let left = count { Double($0.x) }
        let middle = count { $0.middle.x }
        let right = count { Double($0.right) }
        let most = max(left, middle, right)
        // Boxes of equal width share all three and tell nothing.
        guard most > 0, [left, middle, right].count(where: { $0 == most }) == 1 else { return nil }
        return most == left ? .left : most == middle ? .centre : .right
    }

    /// In the middle of its panel, or nearer to one side of it.
    private static func ofRoom(around block: TextBlock, _ picture: Bitmap) -> TextAlignment {
        let box = block.box.turnedBounds(by: block.angle, around: block.box.middle)
        var (left, right) = (room(box, picture, to: -1), room(box, picture, to: 1))
        if Double(min(left, right)) < block.style.size / 4 {
            // No panel: the picture is the room.
            (left, right) = (box.x, picture.size.width - box.right)
        }
        if Double(abs(left - right)) <= max(0.4 * block.style.size, 0.1 * Double(left + right)) { return .centre }
        return left > 4 * right && Double(left) > 4 * block.style.size ? .right : .left
    }

    /// Columns of one colour beside a box.
    private static func room(_ box: TextBox, _ picture: Bitmap, to direction: Int) -> Int {
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
