import Testing

@testable import Imaging

/// Every way of storing colours gives what a person should see, in sRGB.
@Suite struct ColourConversionTests {
    private static let red = Colour(red: 200, green: 30, blue: 30)
    private static let grey = Colour(red: 128, green: 128, blue: 128)

    @Test(
        "a plain picture keeps its colour",
        arguments: [
            ("cmyk.jpg", red), ("display-p3.jpg", red), ("rgb16.png", red), ("grey.jpg", grey),
            ("grey-alpha.png", grey), ("grey16.png", Colour(red: 127, green: 127, blue: 127)),
            // Full magenta and yellow without a profile: the red of a standard offset press, which LittleCMS gives for
            // the profile that libvips assumes.
            ("cmyk-plain.jpg", Colour(red: 235, green: 32, blue: 42)),
        ],
    )
    func plainColours(name: String, expected: Colour) throws {
        let made = try Made(fixture(name))
        #expect(distance(made.facts.averageColour, expected) <= 3, "\(made.facts.averageColour.hexadecimal)")
        let pixel = try Pixels(made.variant("original").bytes, .webp)[32, 24]
        let seen = Colour(red: pixel[0], green: pixel[1], blue: pixel[2])
        #expect(distance(seen, expected) <= 3, "\(seen.hexadecimal)")
    }

    @Test func paletteKeepsBothOfItsColours() throws {
        let pixels = try Pixels(try Made(fixture("palette.png")).variant("original").bytes, .webp)
        #expect(near(pixels[80, 120], [220, 30, 30]))
        #expect(near(pixels[240, 120], [180, 30, 30]))
    }

    @Test func oneBitIsWhiteAndBlack() throws {
        let pixels = try Pixels(try Made(fixture("grey1.png")).variant("original").bytes, .webp)
        #expect(near(pixels[8, 24], [255, 255, 255]))
        #expect(near(pixels[56, 24], [0, 0, 0]))
    }

    @Test("transparency stays", arguments: ["rgba.png", "palette-alpha.png"])
    func transparency(name: String) throws {
        let pixels = try Pixels(try Made(fixture(name)).variant("original").bytes, .webp)
        #expect(pixels.bands == 4)
        #expect(near(pixels[16, 24], [200, 30, 30, 255]))
        #expect(pixels[48, 24][3] == 0)
    }

    @Test func greyWithAlphaStaysTransparent() throws {
        let pixels = try Pixels(try Made(fixture("grey-alpha.png")).variant("original").bytes, .webp)
        #expect(near(pixels[32, 24], [128, 128, 128, 200]))
    }

    @Test func coloursDoNotBleedOutOfTransparentPixels() throws {
        let maker = VariantMaker(sizes: [VariantSize("small", longestSide: 33)])
        let pixels = try Pixels(try Made(fixture("rgba.png"), by: maker).variant("small").bytes, .webp)
        // Blue lies invisible to the right of the middle; what is half visible there must be red.
        for x in 0..<pixels.width where pixels[x, 12][3] > 64 {
            #expect(pixels[x, 12][0] > 150 && pixels[x, 12][2] < 90, "\(pixels[x, 12]) at \(x)")
        }
    }

    @Test("every way of storing gives the same picture", arguments: ["progressive.jpg", "lossy.webp"])
    func formats(name: String) throws {
        let made = try Made(fixture(name))
        #expect(made.facts.size == PixelSize(width: 96, height: 64))
        let other = try Made(fixture(name == "lossy.webp" ? "progressive.jpg" : "lossy.webp"))
        #expect(distance(made.facts.averageColour, other.facts.averageColour) <= 3)
    }

    @Test("an animation shows its first frame", arguments: ["animated.gif", "animated.webp"])
    func firstFrame(name: String) throws {
        let made = try Made(fixture(name))
        #expect(made.facts.header.frames == 3)
        #expect(made.facts.size == PixelSize(width: 64, height: 48))
        #expect(distance(made.facts.averageColour, Self.red) <= 3)
    }

    private func near(_ pixel: [UInt8], _ expected: [UInt8]) -> Bool {
        pixel.count == expected.count && zip(pixel, expected).allSatisfy { abs(Int($0) - Int($1)) <= 3 }
    }
}
