import Testing

@testable import Imaging

@Suite struct ImageLimitsTests {
    @Test func everyFixtureThatIsWholePasses() throws {
        for name in ["photo.jpg", "progressive.jpg", "interlaced.png", "lossless.webp", "animated.gif", "cmyk.jpg"] {
            #expect(throws: Never.self) { try ImageLimits().inspect(fixture(name)) }
        }
    }

    @Test func bytesAreCountedFirst() throws {
        var limits = ImageLimits()
        limits.bytes = 1_000
        let error = ImagingError.tooManyBytes(95_442, limit: 1_000)
        #expect(throws: error) { try limits.inspect(fixture("photo.jpg")) }
        #expect(error.status == 413)
    }

    @Test func aBombIsRefusedByItsHeader() throws {
        try Imaging.start()
        let bytes = bomb(side: 50_000)
        let before = Imaging.memory.highWaterBytes
        let error = ImagingError.tooManyPixels(width: 50_000, height: 50_000, limit: 50_000_000)
        #expect(throws: error) { try ImageLimits().inspect(bytes) }
        #expect(throws: error) { try Made(bytes) }
        #expect(error.status == 413)
        // Decoding would need 312 MB; other tests run meanwhile, but none as large.
        #expect(Imaging.memory.highWaterBytes - before < 300 << 20)
    }

    @Test func pixelsThatCannotBeCountedAreTooMany() throws {
        let bytes = bomb(side: 0x7FFF_FFFF)
        #expect(throws: ImagingError.self) { try ImageLimits().inspect(bytes) }
        #expect(try ImageHeader.read(bytes).decodedBytes > 1 << 60)
    }

    @Test(
        "each limit is named",
        arguments: [
            (\ImageLimits.pixels, "photo.jpg", ImagingError.tooManyPixels(width: 1200, height: 1600, limit: 1)),
            (\.side, "photo.jpg", .tooLongSide(1600, limit: 1)),
            (\.bands, "rgba.png", .tooManyBands(4, limit: 1)),
            (\.frames, "animated.gif", .tooManyFrames(3, limit: 1)),
            (\.frames, "animated.webp", .tooManyFrames(3, limit: 1)),
            (\.scans, "progressive.jpg", .tooManyScans(10, limit: 1)),
            (\.decodedBytes, "lossy.webp", .tooManyDecodedBytes(96 * 64 * 3, limit: 1)),
        ] as [(any WritableKeyPath<ImageLimits, Int> & Sendable, String, ImagingError)],
    )
    func oneLimit(limit: any WritableKeyPath<ImageLimits, Int> & Sendable, name: String, error: ImagingError) throws {
        var limits = ImageLimits()
        limits[keyPath: limit] = 1
        #expect(throws: error) { try limits.inspect(fixture(name)) }
        #expect(error.status == 413)
    }

    @Test func aPictureAtItsLimitsPasses() throws {
        var limits = ImageLimits()
        let bytes = try fixture("rgba.png")
        (limits.bytes, limits.pixels, limits.side, limits.bands) = (bytes.count, 64 * 48, 64, 4)
        (limits.frames, limits.scans, limits.decodedBytes) = (1, 1, 64 * 48 * 4)
        #expect(try limits.inspect(bytes).size == PixelSize(width: 64, height: 48))
    }

    @Test func decodedBytesCountWhatDecodingKeeps() throws {
        // Three bytes a pixel, and the coefficients of 4:2:0, two bytes each.
        #expect(try ImageHeader.read(fixture("progressive.jpg")).decodedBytes == 96 * 64 * (3 + 3))
        // Two bytes a sample.
        #expect(try ImageHeader.read(fixture("rgb16.png")).decodedBytes == 64 * 48 * 6)
    }

    /// About 304 kB that claim to be a black and white square; a real one has as many bytes of compressed zeros.
    private func bomb(side: Int) -> [UInt8] {
        var png = PNGBuilder(PixelSize(width: side, height: side), depth: 1)
        png.add("IDAT", Array(repeating: 0, count: 304_000))
        png.add("IEND", [])
        return png.bytes
    }
}
