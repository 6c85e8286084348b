import Glibc
import Imaging

/// Brings places from one frame of a picture to another. The frame of an angle is the picture turned back by so much
/// around its middle, so that text which is turned clockwise by that angle is level.
struct Turn {
    private let middle: (x: Double, y: Double)
    private let sine: Double
    private let cosine: Double

    /// Angles in degrees; 0 is the frame of the picture itself.
    init(from: Double, to: Double, in size: PixelSize) {
        middle = (Double(size.width) / 2, Double(size.height) / 2)
        sine = sin((from - to) * .pi / 180)
        cosine = cos((from - to) * .pi / 180)
    }

    func point(_ place: (x: Double, y: Double)) -> (x: Double, y: Double) {
        let (dx, dy) = (place.x - middle.x, place.y - middle.y)
        return (middle.x + dx * cosine - dy * sine, middle.y + dx * sine + dy * cosine)
    }

    /// The smallest box around a box of the other frame.
    func box(around box: WordBox) -> WordBox {
        guard sine != 0 else { return box }
        let (left, top) = (Double(box.x), Double(box.y))
        let (right, bottom) = (left + Double(box.width), top + Double(box.height))
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        return WordBox(around: corners.map { point($0) })
    }
}

extension WordBox {
    /// The share of this box that another covers, 0...1; `turn` leads from the frame of this one to that of the other.
    func share(coveredBy other: WordBox, _ turn: Turn) -> Double {
        let steps = (0..<12).map { (Double($0) + 0.5) / 12 }
        let places = steps.flatMap { across in
            steps.map { (Double(x) + across * Double(width), Double(y) + $0 * Double(height)) }
        }
        return Double(places.count { other.contains(turn.point($0)) }) / Double(places.count)
    }

    var middle: (x: Double, y: Double) { (Double(x) + Double(width) / 2, Double(y) + Double(height) / 2) }

    init(around points: [(x: Double, y: Double)]) {
        let (xs, ys) = (points.map(\.x), points.map(\.y))
        let (left, top) = (Int((xs.min() ?? 0).rounded(.down)), Int((ys.min() ?? 0).rounded(.down)))
        self.init(
            x: left,
            y: top,
            width: Int((xs.max() ?? 0).rounded(.up)) - left,
            height: Int((ys.max() ?? 0).rounded(.up)) - top,
        )
    }

    func expanded(_ margin: Int) -> WordBox {
        WordBox(x: x - margin, y: y - margin, width: width + 2 * margin, height: height + 2 * margin)
    }

    func contains(_ point: (x: Double, y: Double)) -> Bool {
        point.x >= Double(x) && point.x < Double(x + width) && point.y >= Double(y) && point.y < Double(y + height)
    }
}
