import Testing

@testable import Imaging

/// Files that were cut off, for who wants what is there.
@Suite struct LenientTests {
    private static let whole = [
        "photo.jpg", "progressive.jpg", "cmyk.jpg", "metadata.png", "grey16.png", "rgba.png", "lossy.webp",
        "lossless.webp", "metadata.webp", "animated.webp", "animated.gif",
    ]

    /// How much of each is kept: half, or enough to have pixels at all where metadata or tables come first.
    private static let percent = [50, 50, 90, 50, 50, 50, 50, 90, 90, 90, 50]

    private static let lenient = VariantMaker(isLenient: true)

    @Test("a part of a file becomes all sizes", arguments: zip(whole, Self.percent))
    func part(name: String, percent: Int) throws {
        let bytes = try fixture(name)
        let part = Array(bytes.prefix(bytes.count * percent / 100))
        let whole = try ImageLimits().inspect(bytes)
        let header = try ImageLimits().inspect(part, isLenient: true)
        #expect(header.isTruncated && !whole.isTruncated)
        #expect(header.size == whole.size && header.bands == whole.bands && header.format == whole.format)
        let made = try Made(part, by: Self.lenient)
        #expect(made.variants.count == 4)
        #expect(made.facts.size == (try Made(bytes)).facts.size)
        #expect(throws: ImagingError.truncated) { try Made(part) }
    }

    @Test("a whole file is the same to a lenient reader", arguments: whole)
    func wholeFile(name: String) throws {
        let bytes = try fixture(name)
        #expect(try ImageLimits().inspect(bytes, isLenient: true) == ImageLimits().inspect(bytes))
        #expect(try Made(bytes, by: Self.lenient).variants == Made(bytes).variants)
    }

    @Test(
        "the rows that are there are right and the others empty",
        arguments: ["photo.jpg", "lossy.webp", "made.png"],
    )
    func rows(name: String) throws {
        let bytes = try name == "made.png" ? plainPNG(PixelSize(width: 256, height: 256)) : fixture(name)
        let whole = try Pixels(lenient: bytes)
        let part = try Pixels(lenient: Array(bytes.prefix(bytes.count / 2)))
        #expect(part.width == whole.width && part.height == whole.height)
        #expect((0..<whole.width).allSatisfy { part[$0, 4] == whole[$0, 4] }, "row 4")
        let last = Set((0..<whole.width).map { part[$0, whole.height - 1] })
        #expect(last.count == 1 && last != [whole[0, 4]], "the last row is \(last)")
    }

    @Test("a cut anywhere is refused or decoded", arguments: whole + ["interlaced.png", "palette-alpha.png"])
    func everyCut(name: String) throws {
        let bytes = try fixture(name)
        var accepted = 0
        for count in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 300)) {
            let part = Array(bytes.prefix(count))
            guard let header = try? ImageHeader.read(part, isLenient: true) else { continue }
            accepted += 1
            #expect(header.size.width > 0 && header.size.height > 0)
            do { _ = try Pixels(lenient: part) } catch let error as ImagingError {
                #expect(error == .corrupt, "\(count) bytes of \(name)")
            }
        }
        #expect(accepted > 0 || name == "interlaced.png")
    }

    @Test("a cut before the first pixel is refused as ever", arguments: whole)
    func withoutPixels(name: String) throws {
        let part = Array(try fixture(name).prefix(20))
        #expect(throws: ImagingError.truncated) { try ImageLimits().inspect(part, isLenient: true) }
    }

    @Test func limitsHoldForWhatIsLeft() throws {
        let bytes = try fixture("lossy.webp")
        var limits = ImageLimits()
        limits.pixels = 100
        let error = #expect(throws: ImagingError.self) {
            try limits.inspect(Array(bytes.prefix(bytes.count / 2)), isLenient: true)
        }
        #expect(error?.status == 413)
    }

    @Test func aCutFileThatShowsTheDecoderALargerPictureIsRefused() throws {
        // libwebp takes the first picture, our reader the last one.
        let large = try fixture("lossy.webp")[12...]
        let small = try Made(plainPNG(PixelSize(width: 2, height: 2))).variant("original").bytes[12...]
        let length = UInt32(4 + large.count + small.count)
        let bytes = Array("RIFF".utf8) + bigEndian(length).reversed() + Array("WEBP".utf8) + large + small.dropLast(2)
        #expect(try ImageLimits().inspect(bytes, isLenient: true).size == PixelSize(width: 2, height: 2))
        #expect(throws: ImagingError.corrupt) { try Made(bytes, by: Self.lenient) }
    }

    @Test func deadlineHoldsForACutWebP() throws {
        let bytes = try fixture("lossy.webp")
        let maker = VariantMaker(timeLimit: .nanoseconds(1), isLenient: true)
        #expect(throws: ImagingError.outOfTime) { try Made(Array(bytes.dropLast(9)), by: maker) }
    }
}

extension Pixels {
    /// What a lenient reader sees, in sRGB.
    fileprivate init(lenient file: [UInt8]) throws {
        try Imaging.start()
        let header = try ImageHeader.read(file, isLenient: true)
        self = try file.withUnsafeBytes { buffer in
            let source =
                header.format == .webp && header.isTruncated
                ? try Raster.openCutWebP(buffer, within: header.size, before: .never)
                : try Raster.open(buffer, format: header.format, isLenient: true)
            let raster = try source.inSRGB().rendered(before: .never, or: .corrupt)
            return Pixels(width: raster.width, height: raster.height, bands: raster.bands, bytes: raster.pixels())
        }
    }
}
