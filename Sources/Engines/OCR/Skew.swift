import Glibc
import Imaging

/// How far the lines of a sheet are from level. Turned so that they are, the rows of a sheet hold much ink or none: the
/// angle at which neighbouring rows differ most (Postl, "Detection of linear oblique structures and skew scan in
/// digitized documents", 1986).
struct Skew {
    /// Degrees clockwise by which the text is turned; 0 when that is not certain.
    let angle: Double

    /// Lines that stand askew by more are not looked for, and by less are read well as they are.
    static let most = 15.0
    static let least = 0.8
    /// How much more rows must differ than in the level sheet.
    private static let advantage = 1.3
    private static let mostPoints = 20_000

    /// `strokes`: dark on white, such as ``SheetInk/darkStrokes``.
    init(_ strokes: Sheet) {
        let points = Self.points(strokes)
        guard points.count >= 200 else {
            angle = 0
            return
        }
        func best(_ angles: [Double]) -> Double {
            angles.max { Self.unevenness(points, $0) < Self.unevenness(points, $1) } ?? 0
        }
        let coarse = best(stride(from: -Self.most, through: Self.most, by: 1).map { $0 })
        let fine = best(stride(from: coarse - 0.75, through: coarse + 0.75, by: 0.25).map { $0 })
        let found = best(stride(from: fine - 0.15, through: fine + 0.15, by: 0.05).map { $0 })
        let isCertain = Self.unevenness(points, found) > Self.advantage * Self.unevenness(points, 0)
        angle = isCertain && abs(found) >= Self.least ? found : 0
    }

    /// Inked pixels from the middle, of large sheets some of them.
    private static func points(_ sheet: Sheet) -> [(x: Double, y: Double)] {
        var places: [Int] = []
        for (index, value) in sheet.pixels.enumerated() where value < 200 { places.append(index) }
        let step = max(1, places.count / mostPoints)
        let (width, middle) = (sheet.size.width, Double(sheet.size.width) / 2)
        return stride(from: 0, to: places.count, by: step).map { index in
            (Double(places[index] % width) - middle, Double(places[index] / width) - Double(sheet.size.height) / 2)
        }
    }

    private static func unevenness(_ points: [(x: Double, y: Double)], _ angle: Double) -> Double {
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
