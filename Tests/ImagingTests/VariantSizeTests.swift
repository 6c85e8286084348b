import Testing

@testable import Imaging

@Suite struct VariantSizeTests {
    /// Width, height, then what the four standard sizes are.
    private static let shapes: [(PixelSize, [PixelSize])] = [
        (size(1, 1), [size(1, 1), size(1, 1), size(1, 1), size(1, 1)]),
        (size(2, 3), [size(2, 3), size(2, 3), size(2, 3), size(2, 3)]),
        (size(150, 150), [size(150, 150), size(150, 150), size(150, 150), size(150, 150)]),
        (size(151, 150), [size(150, 149), size(151, 150), size(151, 150), size(151, 150)]),
        (size(600, 450), [size(150, 113), size(600, 450), size(600, 450), size(600, 450)]),
        (size(601, 1), [size(150, 1), size(600, 1), size(601, 1), size(601, 1)]),
        (size(816, 612), [size(150, 113), size(600, 450), size(816, 612), size(816, 612)]),
        (size(5000, 1), [size(150, 1), size(600, 1), size(1200, 1), size(4096, 1)]),
        (size(1, 5000), [size(1, 150), size(1, 600), size(1, 1200), size(1, 4096)]),
        (size(1201, 1200), [size(150, 150), size(600, 600), size(1200, 1199), size(1201, 1200)]),
        (size(4097, 33), [size(150, 1), size(600, 5), size(1200, 10), size(4096, 33)]),
        (size(1000, 1333), [size(113, 150), size(450, 600), size(900, 1200), size(1000, 1333)]),
    ]

    @Test("sizes keep the shape and are never enlarged", arguments: shapes)
    func goldenSizes(source: PixelSize, expected: [PixelSize]) throws {
        let made = try Made(plainPNG(source))
        #expect(made.variants.map(\.name) == ["thumbnail", "medium", "large", "original"])
        #expect(made.variants.map(\.size) == expected)
        for variant in made.variants {
            #expect(try ImageHeader.read(variant.bytes).size == variant.size, "\(variant.name)")
        }
        #expect(made.facts.size == source)
    }

    @Test("equal sizes are encoded once", arguments: shapes)
    func equalSizes(source: PixelSize, expected: [PixelSize]) throws {
        let made = try Made(plainPNG(source))
        for variant in made.variants {
            let first = try #require(made.variants.first { $0.size == variant.size })
            #expect(variant.copyOf == (first.name == variant.name ? nil : first.name))
            #expect(variant.bytes == first.bytes)
        }
    }

    @Test func theSmallestComesFirstHoweverTheyAreListed() throws {
        let sizes = [500, 20, 100].map { VariantSize("s\($0)", longestSide: $0) }
        let made = try Made(fixture("other-1.jpg"), by: VariantMaker(sizes: sizes))
        #expect(made.variants.map(\.name) == ["s20", "s100", "s500"])
        #expect(made.variants.map(\.size.width) == [20, 100, 320])
    }

    @Test func whatTheReceiverThrowsEndsTheWork() throws {
        struct Full: Error {}
        var delivered = 0
        #expect(throws: Full.self) {
            try VariantMaker().make(from: fixture("photo.jpg")) { _ in
                delivered += 1
                throw Full()
            }
        }
        #expect(delivered == 1)
    }

    @Test func effortDependsOnTheSize() {
        let settings = WebPSettings()
        #expect(settings.effort(for: Self.size(1200, 1200)) == 4)
        #expect(settings.effort(for: Self.size(1600, 1200)) == 2)
        #expect(WebPSettings.equalEffort(3).effort(for: Self.size(4096, 4096)) == 3)
    }

    private static func size(_ width: Int, _ height: Int) -> PixelSize { PixelSize(width: width, height: height) }
}
