import Imaging

/// Where the text of a block may stand.
struct TargetBox {
    /// In the frame of the block.
    var box: TextBox
    /// Where the first and the last line of the source stand.
    let firstBaseline: Double
    let lastBaseline: Double
}

/// Finds the places of all texts of a picture, so that none reaches into another.
struct TargetBoxes {
    private let picture: Bitmap
    /// What each text may cover, as long as it did not get its place: that of its source.
    private var taken: [(block: TextBlock, box: TextBox)]

    init(_ blocks: [TextBlock], on picture: Bitmap) {
        self.picture = picture
        taken = blocks.map { ($0, $0.box) }
    }

    /// Keeps a place free of the texts that are set later.
    mutating func take(_ box: TextBox, for block: TextBlock) {
        for index in taken.indices where taken[index].block.order == block.order { taken[index].box = box }
    }

    /// The source's own place, a little wider, and as high as accents and descenders need.
    func target(for block: TextBlock) -> TargetBox {
        let size = block.style.size
        let (first, last) = (baseline(block.lines.first, block), baseline(block.lines.last, block))
        let wider = Int((Double(block.box.width) * 0.08).rounded())
        let across = max(2, wider)
        let left =
            block.box.x - (block.style.alignment == .left ? 0 : block.style.alignment == .right ? across : across / 2)
        let top = min(block.box.y, Int((first - 0.98 * size).rounded(.down)))
        let bottom = max(block.box.bottom, Int((last + 0.27 * size).rounded(.up)))
        let box = TextBox(x: left, y: top, width: block.box.width + across, height: bottom - top)
        return TargetBox(box: free(box, of: block), firstBaseline: first, lastBaseline: last)
    }

    /// `target` enlarged over plain ground around it, in the directions in which its lines may grow; or in all directions
    /// and over whatever is there, as far as no other text stands there.
    func grown(_ target: TargetBox, for block: TextBlock, overAll: Bool = false) -> TargetBox {
        var result = target
        let step = max(2, Int(block.style.size / 4))
        let most = max(block.box.width, 8 * Int(block.style.size))
        var sides = Side.allCases.filter { overAll || $0.isOpen(to: block.style.alignment) }
        var room = [Side.left: most, .right: most, .top: Int(block.style.size), .bottom: Int(2 * block.style.size)]
        while !sides.isEmpty {
            sides.removeAll { side in
                let strip = side.strip(of: result.box, step)
                let beside = side.strip(of: result.box, -step)
                guard room[side, default: 0] >= step, free(strip, of: block) == strip,
                    isPlain(strip, like: beside, block, overAll: overAll)
                else { return true }
                room[side, default: 0] -= step
                result.box = result.box.union(strip)
                return false
            }
        }
        return result
    }

    /// The ink of a line ends at its baseline, or lower when it has letters such as `p`.
    private func baseline(_ line: TextLine?, _ block: TextBlock) -> Double {
        guard let line else { return Double(block.box.bottom) }
        let layout = TextLayout(line.text, TextFace(block.style), size: block.style.size)
        return Double(line.box.bottom) - max(0, layout.ink.bottom - layout.baseline)
    }

    /// What of `box` no other text covers and lies in the picture. Others cut off a side, where it costs least.
    private func free(_ box: TextBox, of block: TextBlock) -> TextBox {
        var box = block.angle == 0 ? box.within(picture.size) ?? block.box : box
        for other in taken where other.block.order != block.order {
            let taken = other.box.moved(from: other.block, to: block)
            guard box.intersection(taken) != nil else { continue }
            let cuts = [
                TextBox(x: box.x, y: box.y, width: taken.x - box.x, height: box.height),
                TextBox(x: taken.right, y: box.y, width: box.right - taken.right, height: box.height),
                TextBox(x: box.x, y: box.y, width: box.width, height: taken.y - box.y),
                TextBox(x: box.x, y: taken.bottom, width: box.width, height: box.bottom - taken.bottom),
            ]
            if let best = cuts.filter({ $0.width > 0 && $0.height > 0 }).max(by: { $0.area < $1.area }) { box = best }
        }
        return box
    }

    /// Whether a strip lies wholly in the picture, and shows one colour only, which is that of the strip beside it: the
    /// next panel may be plain too.
    private func isPlain(_ strip: TextBox, like beside: TextBox, _ block: TextBlock, overAll: Bool) -> Bool {
        func bounds(_ box: TextBox) -> TextBox { box.turnedBounds(by: block.angle, around: block.box.middle) }
        guard bounds(strip).within(picture.size) == bounds(strip) else { return false }
        if overAll { return true }
        return picture.spread(in: bounds(strip)) <= 10
            && picture.median(in: bounds(strip)).distance(to: picture.median(in: bounds(beside))) <= 24
    }
}

extension TextBox {
    /// The same place seen from another block, whose frame is turned around another middle. Of differently turned
    /// blocks this is an upright box around it.
    fileprivate func moved(from block: TextBlock, to other: TextBlock) -> TextBox {
        guard block.angle != 0 || other.angle != 0 else { return self }
        let corners = corners(turnedBy: block.angle, around: block.box.middle)
            .map { $0.turned(by: -other.angle, around: other.box.middle) }
        let (xs, ys) = (corners.map(\.x), corners.map(\.y))
        let (left, top) = (Int((xs.min() ?? 0).rounded()), Int((ys.min() ?? 0).rounded()))
        return TextBox(
            x: left,
            y: top,
            width: Int((xs.max() ?? 0).rounded()) - left,
            height: Int((ys.max() ?? 0).rounded()) - top,
        )
    }
}

private enum Side: CaseIterable {
    case left, right, top, bottom

    func isOpen(to alignment: TextAlignment) -> Bool {
        switch self {
        case .left: alignment != .left
        case .right: alignment != .right
        case .top, .bottom: true
        }
    }

    /// A strip outside of a box, along this side; one inside for a negative thickness.
    func strip(of box: TextBox, _ thickness: Int) -> TextBox {
        switch self {
        case .left: TextBox(x: box.x - max(0, thickness), y: box.y, width: abs(thickness), height: box.height)
        case .right: TextBox(x: box.right + min(0, thickness), y: box.y, width: abs(thickness), height: box.height)
        case .top: TextBox(x: box.x, y: box.y - max(0, thickness), width: box.width, height: abs(thickness))
        case .bottom: TextBox(x: box.x, y: box.bottom + min(0, thickness), width: box.width, height: abs(thickness))
        }
    }
}
