import Imaging

/// The tint of letters whose pixels lost some of it: JPEG keeps tints at half the size of the picture, so that thin
/// letters share theirs with the ground around them. None is lost, only spread: the differences of all pixels from the
/// ground together have the tint of the letters. How bright these are, single pixels show.
struct TintEstimate {
    let colour: Colour

    /// A ground that differs more from its median hides what was spread over it.
    private static let plainSpread = 24
    /// Of letters that are about as bright as their ground the tint cannot be told from the brightness.
    private static let leastContrast = 40.0
    /// Differences of a ground's noise.
    private static let noise = 12.0
    /// More is not lost to JPEG: something else than the letters stands there.
    private static let mostChange = 64

    init(_ words: [WordPatch], _ ink: InkColour) {
        let contrast = ink.colour.brightness - ink.ground.brightness
        guard ink.groundSpread <= Self.plainSpread, abs(contrast) >= Self.leastContrast,
            let sum = Self.differences(words, isBright: contrast > 0)
        else {
            colour = ink.colour
            return
        }
        let share = contrast / sum.brightness
        let ground = ink.ground
        let tinted = Colour(
            red: Self.channel(ground.red, sum.red * share),
            green: Self.channel(ground.green, sum.green * share),
            blue: Self.channel(ground.blue, sum.blue * share),
        )
        colour = tinted.distance(to: ink.colour) <= Self.mostChange ? tinted : ink.colour
    }

    private static func channel(_ ground: UInt8, _ difference: Double) -> UInt8 {
        UInt8(min(255, max(0, (Double(ground) + difference).rounded())))
    }

    /// The sum of all differences from the ground beside each word; `nil` when some are darker and others brighter, as
    /// those of letters with a shadow.
    private static func differences(_ words: [WordPatch], isBright: Bool) -> Difference? {
        var sum = Difference()
        var (same, opposite) = (0.0, 0.0)
        for word in words {
            let ground = Difference(Colour(medianOf: word.beside))
            for (colour, isNear) in zip(word.patch.colours, word.near) where isNear {
                let difference = Difference(colour) - ground
                sum += difference
                let brightness = difference.brightness
                guard abs(brightness) > noise else { continue }
                if (brightness > 0) == isBright { same += abs(brightness) } else { opposite += abs(brightness) }
            }
        }
        return same > 0 && 10 * opposite < same && (sum.brightness > 0) == isBright ? sum : nil
    }
}

/// Of two colours, or a sum of such.
private struct Difference {
    var red = 0.0
    var green = 0.0
    var blue = 0.0

    init() {}

    init(_ colour: Colour) {
        red = Double(colour.red)
        green = Double(colour.green)
        blue = Double(colour.blue)
    }

    var brightness: Double { 0.299 * red + 0.587 * green + 0.114 * blue }

    static func - (one: Difference, other: Difference) -> Difference {
        var result = one
        result.red -= other.red
        result.green -= other.green
        result.blue -= other.blue
        return result
    }

    static func += (sum: inout Difference, other: Difference) {
        sum.red += other.red
        sum.green += other.green
        sum.blue += other.blue
    }
}

extension Colour {
    /// As JPEG stores it apart from the tint, 0...255.
    fileprivate var brightness: Double { Difference(self).brightness }
}
