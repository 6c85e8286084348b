extension Sample {
    /// A blurred picture in about 25 bytes with its shape and transparency, as defined at github.com/evanw/thumbhash.
    ///
    /// The reference refuses more than 100 x 100 pixels only because it is slow there.
    var thumbHash: [UInt8] {
        let channels = LPQAChannels(self)
        let hasAlpha = channels.hasAlpha
        let (across, down) = brightnessFrequencies(hasAlpha: hasAlpha)
        let light = Frequencies(of: channels.light, across: max(3, across), down: max(3, down))
        let yellow = Frequencies(of: channels.yellow, across: 3, down: 3)
        let red = Frequencies(of: channels.red, across: 3, down: 3)
        let isLandscape = size.width > size.height

        var bits = BitWriter()
        bits.append(63 * light.mean, width: 6)
        bits.append(31.5 + 31.5 * yellow.mean, width: 6)
        bits.append(31.5 + 31.5 * red.mean, width: 6)
        bits.append(31 * light.scale, width: 5)
        bits.append(hasAlpha ? 1 : 0, width: 1)
        bits.append(Double(isLandscape ? down : across), width: 3)
        bits.append(63 * yellow.scale, width: 6)
        bits.append(63 * red.scale, width: 6)
        bits.append(isLandscape ? 1 : 0, width: 1)
        var written = [light, yellow, red]
        if hasAlpha {
            let opacity = Frequencies(of: channels.opacity, across: 5, down: 5)
            bits.append(15 * opacity.mean, width: 4)
            bits.append(15 * opacity.scale, width: 4)
            written.append(opacity)
        }
        for share in written.flatMap(\.shares) { bits.append(15 * share, width: 4) }
        return bits.bytes
    }

    /// As many as the longer side gets, and in proportion for the other one; fewer when alpha needs room.
    private func brightnessFrequencies(hasAlpha: Bool) -> (across: Int, down: Int) {
        let limit = hasAlpha ? 5 : 7
        func share(_ side: Int) -> Int {
            max(1, Int((Double(limit * side) / Double(size.longestSide)).rounded()))
        }
        return (share(size.width), share(size.height))
    }
}

/// Light, yellow against blue, red against green, and opacity of each pixel, before the average colour.
private struct LPQAChannels {
    var light: Plane
    var yellow: Plane
    var red: Plane
    var opacity: Plane
    var hasAlpha: Bool

    init(_ sample: Sample) {
        let pixels = sample.pixels
        let opacities = stride(from: 3, to: pixels.count, by: 4).map { Double(pixels[$0]) / 255 }
        let total = opacities.reduce(0, +)
        let colours = (0..<3).map { channel in
            let values = opacities.indices.map { $0 * 4 + channel }.map { Double(pixels[$0]) / 255 }
            let sum = zip(values, opacities).reduce(0) { $0 + $1.0 * $1.1 }
            let mean = total > 0 ? sum / total : 0
            return zip(values, opacities).map { mean * (1 - $1) + $0 * $1 }
        }
        func plane(_ value: (_ red: Double, _ green: Double, _ blue: Double) -> Double) -> Plane {
            let values = opacities.indices.map { value(colours[0][$0], colours[1][$0], colours[2][$0]) }
            return Plane(width: sample.size.width, height: sample.size.height, values: values)
        }
        light = plane { ($0 + $1 + $2) / 3 }
        yellow = plane { ($0 + $1) / 2 - $2 }
        red = plane { red, green, _ in red - green }
        opacity = Plane(width: sample.size.width, height: sample.size.height, values: opacities)
        hasAlpha = pixels.indices.contains { $0 % 4 == 3 && pixels[$0] < 255 }
    }
}

/// The low frequencies of a channel.
private struct Frequencies {
    let mean: Double
    /// The strongest one.
    let scale: Double
    /// Each one between minus ``scale`` (0) and plus ``scale`` (1), without the mean.
    let shares: [Double]

    /// The upper left triangle of `across` x `down` frequencies.
    init(of plane: Plane, across: Int, down: Int) {
        let columns = (0..<across).map { Plane.cosine(halfTurns: $0, over: plane.width, offset: 0.5) }
        let rows = (0..<down).map { Plane.cosine(halfTurns: $0, over: plane.height, offset: 0.5) }
        let count = Double(plane.width * plane.height)
        let strengths = rows.indices.flatMap { y in
            columns.indices.prefix { $0 * down < across * (down - y) }
                .map { plane.sum(across: columns[$0], down: rows[y]) / count }
        }
        let largest = strengths.dropFirst().map { abs($0) }.max() ?? 0
        mean = strengths[0]
        scale = largest
        shares = strengths.dropFirst().map { largest > 0 ? 0.5 + 0.5 / largest * $0 : 0 }
    }
}

/// Numbers of a few bits each, the lowest bit first.
private struct BitWriter {
    private(set) var bytes: [UInt8] = []
    private var count = 0

    /// Rounds to the nearest whole number that fits.
    mutating func append(_ value: Double, width: Int) {
        let number = Int(max(0, min(Double(1 << width - 1), value.rounded())))
        for bit in 0..<width {
            if count % 8 == 0 { bytes.append(0) }
            bytes[count / 8] |= UInt8(number >> bit & 1) << (count % 8)
            count += 1
        }
    }
}
