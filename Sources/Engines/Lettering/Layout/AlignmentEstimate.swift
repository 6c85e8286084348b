import Imaging

/// Tells on which side the lines of a block are even; a single line is compared with other blocks and with the room
/// around it.
struct AlignmentEstimate {
    let alignment: TextAlignment

    init(_ index: Int, of blocks: [TextBlock], in picture: Bitmap) {
        let block = blocks[index]
        guard block.lines.count < 2 else {
            alignment = Self.ofLines(block.lines.map(\.box), block.style.size)
            return
        }
        let middle = TextPoint(x: Double(picture.size.width) / 2, y: Double(picture.size.height) / 2)
        // In one frame, where even sides stand above each other.
        func place(_ block: TextBlock) -> Place {
            Place(box: block.box.carried(by: -block.angle, around: middle), size: block.style.size)
        }
        let others = blocks.indices.filter { $0 != index && blocks[$0].angle == block.angle }.map { blocks[$0] }
        // A line at an angle of its own, such as a sticker, has its middle where it is meant to be.
        guard block.angle == 0 || !others.isEmpty else {
            alignment = .centre
            return
        }
        let ground = Ground(of: block, in: picture)
        let room = Room(around: block, in: picture)
        if block.text.count >= Self.fullLine, room.isFull {
            alignment = .left
            return
        }
        let near = others.filter { Ground(of: $0, in: picture).isLike(ground) }.map(place)
        alignment = Self.among(near, place(block), room) ?? room.alignment
    }

    /// Characters of a line of running text at least, which is even on the left though it fills its room as evenly as a
    /// headline.
    private static let fullLine = 45

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

    /// Where a block stands, and the size of its font.
    private struct Place {
        let box: TextBox
        let size: Double
    }

    /// What most other blocks share with it: a left side, a middle or a right side, or also the middle of its room;
    /// `nil` when none does.
    private static func among(_ others: [Place], _ place: Place, _ room: Room) -> TextAlignment? {
        func count(_ side: (TextBox) -> Double) -> Int {
            others.count { other in
                // Letters begin a little beside the line's end, the larger the farther.
                abs(side(other.box) - side(place.box)) <= max(3, max(other.size, place.size) / 8)
            }
        }
        let left = count { Double($0.x) }
        let middle = count { $0.middle.x } + (room.isExactlyCentred ? 1 : 0)
        let right = room.isOnTheRight ? count { Double($0.right) } : 0
        let most = max(left, middle, right)
        // Boxes of equal width share all three and tell nothing.
        guard most > 0, [left, middle, right].count(where: { $0 == most }) == 1 else { return nil }
        return most == left ? .left : most == middle ? .centre : .right
    }
}

/// What a block stands on.
private struct Ground {
    private let colour: Colour
    private let isPlain: Bool

    init(of block: TextBlock, in picture: Bitmap) {
        let around = block.box.turnedBounds(by: block.angle, around: block.box.middle).expanded(4, 4)
        // Letters cover less than half of their box.
        let colours = picture.sample(in: around)
        let median = Colour(medianOf: colours)
        colour = median
        isPlain = 2 * colours.count { $0.distance(to: median) <= 8 } >= colours.count
    }

    /// Blocks on a panel have nothing to do with those beside it.
    func isLike(_ other: Ground) -> Bool { !isPlain || !other.isPlain || colour.distance(to: other.colour) <= 24 }
}

/// The even ground on both sides of a block, up to what bounds it: the edge of a panel, something drawn, or the picture's
/// own edge.
private struct Room {
    private let left: Int
    private let right: Int
    private let width: Int
    private let size: Double

    init(around block: TextBlock, in picture: Bitmap) {
        let box = block.box.turnedBounds(by: block.angle, around: block.box.middle)
        let (left, right) = (Self.room(box, picture, to: -1), Self.room(box, picture, to: 1))
        let isOpen = Double(min(left, right)) < block.style.size / 4
        // Without a panel the picture is the room.
        self.left = isOpen ? box.x : left
        self.right = isOpen ? picture.size.width - box.right : right
        width = box.width
        size = block.style.size
    }

    /// Whether a line takes so much of it that it tells little where in it the line stands.
    var isFull: Bool { 10 * width >= 6 * (left + width + right) }

    var isExactlyCentred: Bool { Double(abs(left - right)) <= 0.4 * size }

    var isOnTheRight: Bool { right < left }

    var alignment: TextAlignment {
        if isExactlyCentred || Double(abs(left - right)) <= 0.1 * Double(left + right) { return .centre }
        return left > 4 * right && Double(left) > 4 * size ? .right : .left
    }

    /// Columns beside a box up to the first that is not even, or is of another colour than those just before it: on a
    /// photo or a gradient the colour changes slowly.
    private static func room(_ box: TextBox, _ picture: Bitmap, to direction: Int) -> Int {
        var x = direction < 0 ? box.x - 1 : box.right
        var grounds: [Colour] = []
        while let column = TextBox(x: x, y: box.y, width: 1, height: box.height).within(picture.size) {
            let colours = picture.sample(in: column)
            let ground = Colour(medianOf: colours)
            let before = grounds.dropLast(edge - 1).last ?? grounds.first ?? ground
            let spread = ground.spread(of: colours)
            guard spread <= mostSpread, ground.distance(to: before) <= (spread <= flatSpread ? 12 : 24) else { break }
            grounds.append(ground)
            x += direction
        }
        return grounds.count
    }

    /// Columns over which JPEG softens an edge.
    private static let edge = 4
    /// Of a column of a photo, and of one of a panel, whose colour may differ little from the next one's.
    private static let (mostSpread, flatSpread) = (40, 6)
}
