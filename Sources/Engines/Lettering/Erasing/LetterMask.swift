import Imaging

/// Tells the pixels of letters, outlines and shadows of a block from its ground.
struct LetterMask {
    /// Pixels of the zone's bounds to replace.
    let letters: PixelSet
    /// The ground's colour when it has only one.
    let plainGround: Colour?

    /// A ground whose pixels differ by this or less has one colour; JPEG changes flat ones by about as much.
    private static let plainSpread = 6
    /// A ground that can be told from around the text by this much shows everything that is no ground.
    private static let predictableSpread = 12

    init(_ block: TextBlock, _ zone: TextZone, in picture: Bitmap, besides others: [Bool], stop: WorkStop) throws {
        let bounds = zone.bounds
        let colours = picture.colours(in: bounds)
        let insides = zone.insides()
        let ring = colours.indices.filter { !insides[$0] && !others[$0] }.map { colours[$0] }
        let median = Colour(medianOf: ring.isEmpty ? colours : ring)
        let spread = median.spread(of: ring)
        let isPlain = spread <= Self.plainSpread
        let ground =
            try isPlain
            ? Array(repeating: median, count: colours.count)
            : Self.predicted(colours, insides, others, bounds, stop)
        let core = Self.core(block.style, colours, insides, bounds, ground: median)
        let reach = Int((block.style.stroke?.width ?? 0).rounded(.up)) + 2
        let beside = core.dilated(reach + 3).flags
        let far = colours.indices.filter { insides[$0] && !beside[$0] }
        let error = far.count < 20 ? spread : Self.spread(far.map { colours[$0].distance(to: ground[$0]) })
        var letters = core.dilated(reach)
        if error <= Self.predictableSpread {
            let limit = max(10, 2 * error + 4)
            let others = zip(colours, ground).map { $0.distance(to: $1) > limit }
            letters = core.or(PixelSet(width: bounds.width, height: bounds.height, flags: others).and(insides).flags)
                .dilated(isPlain ? 1 : 2)
        }
        self.letters = letters.and(insides)
        plainGround = isPlain ? median : nil
    }

    /// The middle parts of the letters: what has their colour.
    private static func core(
        _ style: TextStyle,
        _ colours: [Colour],
        _ insides: [Bool],
        _ bounds: TextBox,
        ground: Colour,
    ) -> PixelSet {
        let tolerance = max(24, min(64, style.colour.distance(to: ground) / 2))
        let flags = zip(colours, insides).map { $1 && $0.distance(to: style.colour) <= tolerance }
        return PixelSet(width: bounds.width, height: bounds.height, flags: flags)
    }

    /// The ground under the lines, as far as what lies around them tells.
    private static func predicted(
        _ colours: [Colour],
        _ insides: [Bool],
        _ others: [Bool],
        _ bounds: TextBox,
        _ stop: WorkStop,
    ) throws -> [Colour] {
        let planes = [colours.map(\.red), colours.map(\.green), colours.map(\.blue)].map { $0.map(Float.init) }
        let holes = zip(insides, others).map { $0 || $1 }
        let patch = PullPush(width: bounds.width, height: bounds.height, planes: planes, isHole: holes)
        let filled = try patch.filled(stop)
        return colours.indices.map {
            Colour(red: UInt8(filled[0][$0]), green: UInt8(filled[1][$0]), blue: UInt8(filled[2][$0]))
        }
    }

    /// Nine of ten are this or less.
    private static func spread(_ distances: [Int]) -> Int { distances.sorted()[distances.count * 9 / 10] }
}
