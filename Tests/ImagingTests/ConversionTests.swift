import Testing

@testable import Imaging

/// BMP and TIFF, which become PNG where a service takes them.
@Suite struct ConversionTests {
    @Test(
        "the same pixels",
        arguments: [
            ("rgb.bmp", "document.png"), ("palette-8.bmp", "document-16.png"), ("one-bit.bmp", "document-1.png"),
            ("alpha-top-down.bmp", "document-alpha.png"), ("plain.tiff", "document.png"), ("lzw.tiff", "document.png"),
            ("deflate.tiff", "document.png"), ("packbits.tiff", "document.png"), ("palette.tiff", "document-16.png"),
            ("fax.tiff", "document-1.png"), ("two-pages.tiff", "document.png"), ("on-its-side.tiff", "document.png"),
        ],
    )
    func samePixels(name: String, reference: String) throws {
        let png = try PictureConversion.png(from: fixture(name), limits: ImageLimits())
        #expect(ImageFormat(firstBytes: png) == .png)
        let made = try Bitmap.decode(png, before: .never)
        #expect(try made == Bitmap.decode(fixture(reference), before: .never))
    }

    @Test("elsewhere they stay refused", arguments: ["rgb.bmp", "plain.tiff"])
    func refusedElsewhere(name: String) throws {
        let bytes = try fixture(name)
        #expect(throws: ImagingError.unsupported(what: ImageFormat.mimeType(of: bytes))) {
            try ImageLimits().inspect(bytes)
        }
    }

    @Test func whatIsTakenEverywhereIsNotConverted() throws {
        let bytes = try fixture("rgba.png")
        #expect(throws: ImagingError.unsupported(what: "image/png")) {
            try PictureConversion.png(from: bytes, limits: ImageLimits())
        }
    }

    @Test("a file that was cut off", arguments: ["rgb.bmp", "palette-8.bmp", "plain.tiff", "lzw.tiff", "fax.tiff"])
    func cutOff(name: String) throws {
        let bytes = try fixture(name)
        #expect(throws: ImagingError.truncated) {
            try PictureConversion.png(from: Array(bytes.dropLast(bytes.count / 3)), limits: ImageLimits())
        }
        #expect(throws: ImagingError.self) {
            try PictureConversion.png(from: Array(bytes.prefix(20)), limits: ImageLimits())
        }
    }

    @Test func jpegWithinTIFFIsRefused() throws {
        let bytes = try fixture("jpeg.tiff")
        let error = #expect(throws: ImagingError.self) {
            try PictureConversion.png(from: bytes, limits: ImageLimits())
        }
        #expect(error?.status == 415)
    }

    /// 100 bytes that claim 1,000 megapixels.
    @Test func bombsAreRefusedByTheirHeaders() throws {
        var bmp = try fixture("rgb.bmp")
        bmp.replaceSubrange(18..<26, with: little(30_000) + little(30_000))
        #expect(throws: ImagingError.truncated) { try PictureConversion.png(from: bmp, limits: ImageLimits()) }
        let fields = [
            (256, 30_000), (257, 30_000), (258, 1), (259, 4), (262, 0), (273, 8), (279, 8), (278, 30_000),
        ]
        #expect(throws: ImagingError.tooManyPixels(width: 30_000, height: 30_000, limit: 50_000_000)) {
            try PictureConversion.png(from: tiff(fields), limits: ImageLimits())
        }
    }

    /// One tile that is larger than any picture may be, around a picture of one pixel.
    @Test func hugeTilesAreRefused() {
        let fields = [
            (256, 1), (257, 1), (258, 8), (259, 5), (262, 1), (322, 60_000), (323, 60_000), (324, 8), (325, 8),
        ]
        let error = #expect(throws: ImagingError.self) {
            try PictureConversion.png(from: tiff(fields), limits: ImageLimits())
        }
        #expect(error?.status == 413)
    }

    @Test func pagesThatFollowThemselvesEnd() {
        let fields = [(256, 8), (257, 1), (258, 8), (259, 1), (262, 1), (273, 0), (279, 8)]
        let bytes = tiff(fields, next: 8)
        let error = #expect(throws: ImagingError.self) {
            try PictureConversion.png(from: bytes, limits: ImageLimits())
        }
        #expect(error?.status == 413)
        #expect(throws: Never.self) { try PictureConversion.png(from: tiff(fields), limits: ImageLimits()) }
    }

    @Test("no time gives no picture", arguments: ["rgb.bmp", "lzw.tiff"])
    func deadline(name: String) throws {
        let bytes = try fixture(name)
        #expect(throws: ImagingError.outOfTime) {
            try PictureConversion.png(from: bytes, limits: ImageLimits(), timeLimit: .nanoseconds(1))
        }
    }

    /// A file of one directory whose fields are numbers of 32 bits.
    private func tiff(_ fields: [(tag: Int, value: Int)], next: Int = 0) -> [UInt8] {
        var bytes: [UInt8] = Array("II".utf8) + [42, 0]
        bytes += little(8)
        bytes += little(fields.count).prefix(2)
        for (tag, value) in fields.sorted(by: { $0.tag < $1.tag }) {
            bytes += little(tag).prefix(2)
            bytes += [4, 0]
            bytes += little(1)
            bytes += little(value)
        }
        return bytes + little(next)
    }

    private func little(_ number: Int) -> [UInt8] {
        let bits = UInt32(truncatingIfNeeded: number)
        return [UInt8(bits & 0xFF), UInt8(bits >> 8 & 0xFF), UInt8(bits >> 16 & 0xFF), UInt8(bits >> 24)]
    }
}
