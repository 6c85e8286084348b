import Imaging

/// Looks for an outline around letters: rings of one colour that is not the ground's.
struct StrokeEstimate {
    let stroke: TextStroke?

    /// Colours of an outline differ by so much, as JPEG and soft edges change them.
    private static let sameColour = 56
    /// An outline of the ground's colour is none.
    private static let leastDifference = 40

    init(_ words: [WordPatch], _ ink: InkColour, size: Double) {
        let most = max(2, Int(size / 6))
        var rings: [[Colour]] = Array(repeating: [], count: most + 1)
        for word in words {
            let tolerance = max(24, min(64, ink.colour.distance(to: ink.ground) / 2))
            let (width, height) = (word.patch.box.width, word.patch.box.height)
            let near = PixelSet(width: width, height: height, flags: word.plain.coverage.map { $0 > 0 }).dilated(2)
            let core = PixelSet(
                width: width,
                height: height,
                flags: word.patch.colours.map { $0.distance(to: ink.colour) <= tolerance },
            ).and(near.flags)
            var before = core
            for distance in 1...most {
                let wider = before.dilated(1)
                for index in wider.flags.indices where wider.flags[index] && !before.flags[index] {
                    rings[distance].append(word.patch.colours[index])
                }
                before = wider
            }
        }
        stroke = Self.stroke(rings, ink)
    }

    /// The first ring is a mixture of letters and outline.
    private static func stroke(_ rings: [[Colour]], _ ink: InkColour) -> TextStroke? {
        let colour = Colour(medianOf: rings[2])
        func share(_ ring: [Colour]) -> Double {
            Double(ring.count { $0.distance(to: colour) <= sameColour }) / Double(max(1, ring.count))
        }
        let differs = colour.distance(to: ink.ground) > leastDifference || ink.groundSpread > sameColour
        guard share(rings[2]) > 0.7, differs, colour.distance(to: ink.colour) > sameColour else { return nil }
        let width = rings.indices.dropFirst(2).prefix { share(rings[$0]) > 0.6 }.last ?? 2
        return TextStroke(colour: colour, width: Double(width))
    }
}
