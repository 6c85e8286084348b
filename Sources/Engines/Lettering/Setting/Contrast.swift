import Glibc
import Imaging

extension Colour {
    /// How well two colours can be told apart, 1...21 (WCAG 2.2).
    static func contrast(_ one: Colour, _ other: Colour) -> Double {
        let (bright, dark) = (max(one.luminance, other.luminance), min(one.luminance, other.luminance))
        return (bright + 0.05) / (dark + 0.05)
    }

    /// Text needs this contrast to be read by people who see less well (WCAG 2.2, 1.4.3).
    static let leastContrast = 4.5

    static let black = Colour(red: 0, green: 0, blue: 0)
    static let white = Colour(red: 255, green: 255, blue: 255)

    /// Relative luminance, 0...1 (WCAG 2.2).
    var luminance: Double { 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue) }

    /// Black or white, whichever differs more.
    var opposite: Colour { Self.contrast(self, .black) > Self.contrast(self, .white) ? .black : .white }

    /// The largest difference over the channels.
    func distance(to other: Colour) -> Int {
        max(
            abs(Int(red) - Int(other.red)),
            abs(Int(green) - Int(other.green)),
            abs(Int(blue) - Int(other.blue)),
        )
    }

    /// This colour, changed as little as gives enough contrast to a ground.
    func readable(on ground: Colour) -> Colour {
        guard Self.contrast(self, ground) < Self.leastContrast else { return self }
        for end in [luminance > ground.luminance ? Colour.white : .black, ground.opposite] {
            for step in 1...16 {
                let mixed = mixed(with: end, Double(step) / 16)
                if Self.contrast(mixed, ground) >= Self.leastContrast { return mixed }
            }
        }
        return ground.opposite
    }

    /// `share` of the other colour, 0...1.
    func mixed(with other: Colour, _ share: Double) -> Colour {
        func mix(_ one: UInt8, _ other: UInt8) -> UInt8 {
            UInt8((Double(one) + (Double(other) - Double(one)) * share).rounded())
        }
        return Colour(red: mix(red, other.red), green: mix(green, other.green), blue: mix(blue, other.blue))
    }
}

private func linear(_ value: UInt8) -> Double {
    let share = Double(value) / 255
    return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
}
