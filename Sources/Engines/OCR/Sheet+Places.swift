import Imaging

extension Sheet {
    /// How much of it is dark, 0...1.
    var inkShare: Double { Double(pixels.count { $0 < 128 }) / Double(pixels.count) }

    /// A place with some room around it, turned level.
    func part(_ place: TurnedPlace) -> Sheet {
        let box = place.box.expanded(max(4, Int(place.letterSize / 2)))
        let size = PixelSize(width: Int(Double(box.width) * scale), height: Int(Double(box.height) * scale))
        let origin = (x: Int(Double(box.x) * scale), y: Int(Double(box.y) * scale))
        return part(from: origin, size, turnedBack: place.angle)
    }

    /// Hides a box of the sheet's own frame under the brightness of what lies around it.
    mutating func paintOver(_ box: WordBox) {
        let area = area(of: box)
        guard let ground = ground(around: area) else { return }
        for y in area.rows {
            for x in area.columns { pixels[y * size.width + x] = ground }
        }
    }

    /// Hides a place; `angle` is that of this sheet's frame, and `picture` the size of what it shows.
    mutating func paintOver(_ place: TurnedPlace, seenFrom angle: Double, in picture: PixelSize) {
        let area = area(of: Turn(from: place.angle, to: angle, in: picture).box(around: place.box))
        let turn = Turn(from: angle, to: place.angle, in: picture)
        let box = place.box.expanded(2)
        guard let ground = ground(around: area) else { return }
        for y in area.rows {
            for x in area.columns {
                let place = ((Double(x + origin.x) + 0.5) / scale, (Double(y + origin.y) + 0.5) / scale)
                if box.contains(turn.point(place)) { pixels[y * size.width + x] = ground }
            }
        }
    }

    /// A box of the sheet's frame with a small margin, in its own pixels.
    private func area(of box: WordBox) -> (columns: Range<Int>, rows: Range<Int>) {
        let margin = Int(2 * scale) + 1
        let left = max(0, Int(Double(box.x) * scale) - origin.x - margin)
        let top = max(0, Int(Double(box.y) * scale) - origin.y - margin)
        let right = min(size.width, Int(Double(box.x + box.width) * scale) - origin.x + margin)
        let bottom = min(size.height, Int(Double(box.y + box.height) * scale) - origin.y + margin)
        return (left..<max(left, right), top..<max(top, bottom))
    }

    /// The median of an area's upper and lower side; `nil` when it is empty.
    private func ground(around area: (columns: Range<Int>, rows: Range<Int>)) -> UInt8? {
        guard let first = area.rows.first, let last = area.rows.last, !area.columns.isEmpty else { return nil }
        let sides = area.columns.flatMap { [pixels[first * size.width + $0], pixels[last * size.width + $0]] }
        return sides.sorted()[sides.count / 2]
    }
}
