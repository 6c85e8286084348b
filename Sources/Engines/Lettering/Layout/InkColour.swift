import Imaging

/// The colour of a block's letters, and of what lies behind them.
struct InkColour {
    let colour: Colour
    let ground: Colour
    /// How much the ground differs from its median.
    let groundSpread: Int

    /// `size`: of the font, in pixels.
    init(_ words: [WordPatch], size: Double) {
        var (under, beside): ([Colour], [Colour]) = ([], [])
        for word in words {
            for (index, share) in word.plain.coverage.enumerated() where share > 200 {
                under.append(word.patch.colours[index])
            }
            beside += word.beside
        }
        ground = Colour(medianOf: beside)
        groundSpread = ground.spread(of: beside)
        colour = Self.letters(under, ground: ground, isThin: size < Self.thin || groundSpread > Self.plainSpread)
    }

    /// The drawn word never covers the read one exactly: of two kinds of pixels under it the letters are the ones that
    /// differ more from the ground, unless they are few.
    private static func letters(_ colours: [Colour], ground: Colour, isThin: Bool) -> Colour {
        guard !colours.isEmpty else { return ground.opposite }
        let parts = Colour.twoMeans(colours)
        let enough = parts.filter { 4 * $0.count >= colours.count }
        let letters = enough.max {
            Colour(medianOf: $0).distance(to: ground) < Colour(medianOf: $1).distance(to: ground)
        }
        // Letters are mixed with their ground at the edges: what differs most is purest. Of thin ones few pixels are pure;
        // of others the most extreme are more than that, since sharpening and turning pictures overshoots at edges.
        let pure = (letters ?? colours).sorted { $0.distance(to: ground) > $1.distance(to: ground) }
        let count = isThin ? pure.count / 3 : 2 * pure.count / 3
        return Colour(medianOf: Array(pure.prefix(max(1, count))))
    }

    /// On other grounds letters often have outlines, with which more of their pixels are mixed.
    private static let plainSpread = 24
    /// Strokes of smaller letters are thinner than two pixels.
    private static let thin = 16.0
}

extension Colour {
    /// Two groups of colours that lie together (k-means), from the darkest and the brightest one.
    static func twoMeans(_ colours: [Colour]) -> [[Colour]] {
        func sum(_ colour: Colour) -> Int { Int(colour.red) + Int(colour.green) + Int(colour.blue) }
        guard let dark = colours.min(by: { sum($0) < sum($1) }), let bright = colours.max(by: { sum($0) < sum($1) })
        else { return [] }
        var means = (dark, bright)
        var parts: [[Colour]] = []
        for _ in 0..<8 {
            let first = colours.filter { $0.square(to: means.0) <= $0.square(to: means.1) }
            let second = colours.filter { $0.square(to: means.0) > $0.square(to: means.1) }
            parts = [first, second].filter { !$0.isEmpty }
            guard parts.count == 2 else { break }
            let next = (Colour(meanOf: first), Colour(meanOf: second))
            guard next != means else { break }
            means = next
        }
        return parts
    }

    private init(meanOf colours: [Colour]) {
        func mean(_ values: [UInt8]) -> UInt8 { UInt8(values.reduce(0) { $0 + Int($1) } / max(1, values.count)) }
        self.init(red: mean(colours.map(\.red)), green: mean(colours.map(\.green)), blue: mean(colours.map(\.blue)))
    }

    private func square(to other: Colour) -> Int {
        let red = Int(red) - Int(other.red)
        let green = Int(green) - Int(other.green)
        let blue = Int(blue) - Int(other.blue)
        return red * red + green * green + blue * blue
    }
}
