import Imaging

/// A place of a picture whose lines stand at an angle of their own.
struct TurnedPlace {
    /// Degrees clockwise.
    let angle: Double
    /// Around the ink, in the frame of the angle.
    let box: WordBox
    /// About the height of a letter, in pixels of the picture.
    let letterSize: Double

    /// More are not looked at, so that reading a picture of many strange things stays cheap.
    private static let most = 6
    /// Of all places together, in pixels of the picture.
    private static let mostArea = 1_000_000

    /// Those that stand at another angle than their page.
    ///
    /// - Parameters:
    ///   - strokes: Sheets of one picture that show its dark and its bright strokes.
    ///   - page: The angle of the page, in degrees.
    ///   - size: Of the picture.
    /// - Returns: The largest first, none of which lies in another.
    static func all(in strokes: [Sheet], page: Double, size: PixelSize) -> [TurnedPlace] {
        let found = strokes.flatMap { sheet in
            regions(of: sheet, page: page).compactMap { TurnedPlace($0, $1, page: page, scale: sheet.scale, size) }
        }
        var places: [TurnedPlace] = []
        for place in found.sorted(by: { $0.box.area > $1.box.area }) where places.count < most {
            // Between dark letters are bright strokes, which are a part of the same place.
            let isKnown = places.contains { $0.holds(place.box, seenFrom: place.angle, in: size) }
            let area = places.reduce(place.box.area) { $0 + $1.box.area }
            if !isKnown, area <= mostArea { places.append(place) }
        }
        return places
    }

    /// Whether a box in the frame of another angle is here: half of it, or so large a box that a third of the place is in it.
    func holds(_ other: WordBox, seenFrom angle: Double, in size: PixelSize) -> Bool {
        other.share(coveredBy: box, Turn(from: angle, to: self.angle, in: size)) > 0.5
            || box.share(coveredBy: other, Turn(from: self.angle, to: angle, in: size)) > 0.3
    }

    /// Lines that stand apart but have one angle are taken together, since more ink tells it more exactly.
    private static func regions(of sheet: Sheet, page: Double) -> [(InkRegion, angle: Double)] {
        var regions: [(region: InkRegion, angle: Double)] = []
        for region in InkRegion.all(of: sheet) {
            let angle = Skew(region.points, expected: page).angle
            guard angle != page else { continue }
            if let same = regions.firstIndex(where: { abs($0.angle - angle) < 1 && $0.region.isNear(region) }) {
                let both = regions[same].region.union(region)
                regions[same] = (both, Skew(both.points, expected: page).angle)
            } else {
                regions.append((region, angle))
            }
        }
        return regions.filter { $0.angle != page }
    }

    /// `nil` when the ink is no lower at this angle than at the page's, as that of lines is.
    ///
    /// `scale`: pixels of the region's sheet for one of the picture.
    private init?(_ region: InkRegion, _ angle: Double, page: Double, scale: Double, _ size: PixelSize) {
        let (x, y) = (Double(size.width) / 2, Double(size.height) / 2)
        func box(at angle: Double) -> WordBox {
            let turn = Turn(from: 0, to: angle, in: size)
            return WordBox(around: region.points.map { turn.point(($0.x / scale + x, $0.y / scale + y)) })
        }
        self.angle = angle
        self.box = box(at: angle)
        letterSize = region.letterSize / scale
        guard self.box.height <= box(at: page).height else { return nil }
    }
}

extension InkRegion {
    fileprivate func isNear(_ other: InkRegion) -> Bool {
        let (one, two) = (bounds, other.bounds)
        let gap = 1.5 * max(letterSize, other.letterSize)
        return max(one.left, two.left) - min(one.right, two.right) < gap
            && max(one.top, two.top) - min(one.bottom, two.bottom) < gap
    }

    private var bounds: (left: Double, top: Double, right: Double, bottom: Double) {
        let (xs, ys) = (points.map(\.x), points.map(\.y))
        return (xs.min() ?? 0, ys.min() ?? 0, xs.max() ?? 0, ys.max() ?? 0)
    }

    fileprivate func union(_ other: InkRegion) -> InkRegion {
        InkRegion(points: points + other.points, letterSize: max(letterSize, other.letterSize))
    }
}
