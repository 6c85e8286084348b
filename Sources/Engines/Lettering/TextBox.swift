import Glibc

/// A rectangle in pixels, from its left and top.
package struct TextBox: Sendable, Hashable, Codable {
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

    /// The first column and row that lie outside.
    package var right: Int { x + width }
    package var bottom: Int { y + height }

    package var area: Int { width * height }

    var middle: TextPoint { TextPoint(x: Double(x) + Double(width) / 2, y: Double(y) + Double(height) / 2) }

    /// The smallest one around both.
    func union(_ other: TextBox) -> TextBox {
        let (left, top) = (min(x, other.x), min(y, other.y))
        return TextBox(
            x: left,
            y: top,
            width: max(right, other.right) - left,
            height: max(bottom, other.bottom) - top,
        )
    }

    /// What both have in common; `nil` when they do not meet.
    func intersection(_ other: TextBox) -> TextBox? {
        let (left, top) = (max(x, other.x), max(y, other.y))
        let (width, height) = (min(right, other.right) - left, min(bottom, other.bottom) - top)
        return width > 0 && height > 0 ? TextBox(x: left, y: top, width: width, height: height) : nil
    }

    func moved(_ shift: (x: Int, y: Int)) -> TextBox {
        TextBox(x: x + shift.x, y: y + shift.y, width: width, height: height)
    }

    /// As large and level, but where a turn around a point takes its middle.
    func carried(by angle: Double, around point: TextPoint) -> TextBox {
        let place = middle.turned(by: angle, around: point)
        return moved((Int((place.x - middle.x).rounded()), Int((place.y - middle.y).rounded())))
    }

    /// Larger by this many pixels on each side.
    func expanded(_ across: Int, _ down: Int) -> TextBox {
        TextBox(x: x - across, y: y - down, width: width + 2 * across, height: height + 2 * down)
    }

    /// Clockwise from the top left, turned clockwise by degrees around a point.
    func corners(turnedBy angle: Double, around middle: TextPoint) -> [TextPoint] {
        let corners = [(x, y), (right, y), (right, bottom), (x, bottom)]
        return corners.map { TextPoint(x: Double($0.0), y: Double($0.1)).turned(by: angle, around: middle) }
    }
}

/// A place in a picture, in pixels from its left and top.
package struct TextPoint: Sendable, Hashable, Codable {
    package var x: Double
    package var y: Double

    package init(x: Double, y: Double) {
        self.x = x
        self.y = y
    }

    /// Turned clockwise by degrees around a point.
    func turned(by angle: Double, around middle: TextPoint) -> TextPoint {
        guard angle != 0 else { return self }
        let (sine, cosine) = (sin(angle * .pi / 180), cos(angle * .pi / 180))
        let (dx, dy) = (x - middle.x, y - middle.y)
        return TextPoint(x: middle.x + dx * cosine - dy * sine, y: middle.y + dx * sine + dy * cosine)
    }
}
