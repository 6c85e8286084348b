import Testing

@testable import Imaging

/// Cameras store what the sensor saw and note how to turn it.
@Suite struct OrientationTests {
    @Test("all eight orientations give the same picture", arguments: 2...8)
    func equalPixels(orientation: Int) throws {
        let upright = try Made(fixture("orientation-1.jpg"))
        let turned = try Made(fixture("orientation-\(orientation).jpg"))
        #expect(turned.facts.size == PixelSize(width: 192, height: 128))
        #expect(try turned.variant("original") == upright.variant("original"))
        let (small, expected) = try (thumbnail(of: turned), thumbnail(of: upright))
        #expect((small.width, small.height) == (150, 100))
        // Reducing before turning rounds in another order, which WebP then spreads.
        let differences = zip(small.bytes, expected.bytes).map { abs(Int($0) - Int($1)) }
        #expect(differences.reduce(0, +) < differences.count)
        #expect(distance(turned.facts.averageColour, upright.facts.averageColour) <= 1)
        #expect((turned.facts.perceptualHash ^ upright.facts.perceptualHash).nonzeroBitCount <= 2)
    }

    @Test func theFixturesAreStoredDifferently() throws {
        let first = try Pixels(fixture("orientation-1.jpg"), .jpeg)
        for orientation in 2...8 {
            let stored = try Pixels(fixture("orientation-\(orientation).jpg"), .jpeg)
            #expect(stored.bytes != first.bytes)
        }
    }

    @Test func aTurnedPhotoIsReducedToo() throws {
        let made = try Made(fixture("photo.jpg"))
        #expect(made.facts.header.size == PixelSize(width: 1200, height: 1600))
        #expect(made.facts.size == PixelSize(width: 1600, height: 1200))
        #expect(try made.variant("large").size == PixelSize(width: 1200, height: 900))
    }

    private func thumbnail(of made: Made) throws -> Pixels { try Pixels(made.variant("thumbnail").bytes, .webp) }
}
