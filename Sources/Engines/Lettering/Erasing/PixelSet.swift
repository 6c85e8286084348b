/// Some of the pixels of a rectangle.
struct PixelSet {
    let width: Int
    let height: Int
    var flags: [Bool]

    init(width: Int, height: Int, flags: [Bool]) {
        precondition(flags.count == width * height)
        self.width = width
        self.height = height
        self.flags = flags
    }

    /// With all pixels in whose square of `radius` around them there is one of this set: first along the rows, then
    /// along the columns.
    func dilated(_ radius: Int) -> PixelSet {
        guard radius > 0 else { return self }
        var result = self
        result.flags = Self.spread(flags, lines: height, along: width, step: 1, lineStep: width, radius)
        result.flags = Self.spread(result.flags, lines: width, along: height, step: width, lineStep: 1, radius)
        return result
    }

    /// Without all pixels that have one outside of this set in their square of `radius`.
    func eroded(_ radius: Int) -> PixelSet { inverted().dilated(radius).inverted() }

    func inverted() -> PixelSet { PixelSet(width: width, height: height, flags: flags.map { !$0 }) }

    func and(_ other: [Bool]) -> PixelSet {
        PixelSet(width: width, height: height, flags: zip(flags, other).map { $0 && $1 })
    }

    func or(_ other: [Bool]) -> PixelSet {
        PixelSet(width: width, height: height, flags: zip(flags, other).map { $0 || $1 })
    }

    /// Sets what lies within `radius` of a set pixel along each line.
    private static func spread(
        _ flags: [Bool],
        lines: Int,
        along length: Int,
        step: Int,
        lineStep: Int,
        _ radius: Int,
    ) -> [Bool] {
        var result = flags
        for line in 0..<lines {
            let start = line * lineStep
            var last = -radius - 1
            for index in 0..<length {
                let at = start + index * step
                guard flags[at] else {
                    if index - last <= radius { result[at] = true }
                    continue
                }
                for before in max(last + 1, index - radius, 0)..<index { result[start + before * step] = true }
                last = index
            }
        }
        return result
    }
}
