import Glibc
import Imaging

/// How far lines of ink are from level. Turned so that they are, the rows of a sheet hold much ink or none: the
/// angle at which neighbouring rows differ most (Postl, "Detection of linear oblique structures and skew scan in
/// digitized documents", 1986).
struct Skew {
    /// Degrees clockwise by which the text is turned; what was expected when nothing else is certain.
    let angle: Double

    /// Lines that stand askew by more are not looked for, and by less are read well as they are.
    static let most = 15.0
    static let least = 0.8
    /// How much more rows must differ than at the angle that is expected.
    private static let advantage = 1.3
    private static let leastPoints = 200
    private static let mostPoints = 20_000

    /// Of a page: that of its dark or of its bright lines, unless the others are level.
    ///
    /// `strokes`: sheets of one picture, dark on white, such as ``SheetInk/darkStrokes``.
    static func ofPage(_ strokes: [Sheet]) -> Double {
        let inks = strokes.map { $0.inkPoints() }
        let angle = inks.lazy.map { Skew($0, expected: 0).angle }.first { $0 != 0 } ?? 0
        return angle == 0 || inks.contains { Skew($0, expected: angle).angle == 0 } ? 0 : angle
    }

    /// - Parameters:
    ///   - ink: Inked pixels; of very many only some are looked at.
    ///   - expected: The angle of what lies around, in degrees.
    init(_ ink: [InkPoint], expected: Double) {
        guard ink.count >= Self.leastPoints else {
            angle = expected
            return
        }
        let step = (ink.count + Self.mostPoints - 1) / Self.mostPoints
        let points = stride(from: 0, to: ink.count, by: step).map { ink[$0] }
        func best(_ angles: [Double]) -> Double {
            angles.max { Self.unevenness(points, $0) < Self.unevenness(points, $1) } ?? expected
        }
        let coarse = best(stride(from: -Self.most, through: Self.most, by: 1).map { $0 })
        let fine = best(stride(from: coarse - 0.75, through: coarse + 0.75, by: 0.25).map { $0 })
        let found = best(stride(from: fine - 0.15, through: fine + 0.15, by: 0.05).map { $0 })
        let unevenness = Self.unevenness(points, found)
        let isCertain = unevenness > Self.advantage * Self.unevenness(points, expected)
        let isOther = abs(found - expected) >= Self.least
        angle = !isCertain || !isOther ? expected : abs(found) < Self.least ? 0 : found
    }

    private static func unevenness(_ points: [InkPoint], _ angle: Double) -> Double {
        let (sine, cosine) = (sin(angle * .pi / 180), cos(angle * .pi / 180))
        var (lowest, highest) = (Double.infinity, -Double.infinity)
        let rows = points.map { point in
            let row = point.y * cosine - point.x * sine
            lowest = min(lowest, row)
            highest = max(highest, row)
            return row
        }
        var counts = Array(repeating: 0.0, count: Int((highest - lowest) / rowHeight) + 2)
        for row in rows { counts[Int((row - lowest) / rowHeight)] += 1 }
        return zip(counts.dropFirst(), counts).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }

    /// In pixels.
    private static let rowHeight = 1.0
}
