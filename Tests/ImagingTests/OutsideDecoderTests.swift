import Testing

@testable import Imaging

/// HEIC, AVIF and PDF, which another process decodes. Without it these fail and name the package: libvips-tools.
@Suite(.timeLimit(.minutes(5))) struct OutsideDecoderTests {
    @Test("the same picture", arguments: ["phone.heic", "phone.avif", "on-its-side.avif", "animated.avif"])
    func samePicture(name: String) throws {
        let png = try PictureConversion.png(from: fixture(name), limits: ImageLimits())
        let made = try Bitmap.decode(png, before: .never)
        let shown = try Bitmap.decode(fixture("phone-document.png"), before: .never)
        #expect(made.size == shown.size)
        #expect(made.bands == 3)
        let distances = zip(made.pixels, shown.pixels).map { abs(Int($0) - Int($1)) }
        #expect(distances.reduce(0, +) < 3 * distances.count, "both are lossy, but not that much")
    }

    @Test func anAnimationIsKnownToBeOne() throws {
        #expect(try PictureConversion.header(of: fixture("animated.avif"), limits: ImageLimits()).frames > 1)
        #expect(try PictureConversion.header(of: fixture("phone.avif"), limits: ImageLimits()).frames == 1)
        #expect(try PictureConversion.header(of: fixture("phone.heic"), limits: ImageLimits()).frames == 1)
        #expect(try PictureConversion.header(of: fixture("two-pages.tiff"), limits: ImageLimits()).frames == 2)
    }

    @Test("a file that was cut off", arguments: ["phone.heic", "phone.avif"], [30, 300, 3000])
    func cutOff(name: String, length: Int) throws {
        let bytes = Array(try fixture(name).prefix(length))
        #expect(throws: ImagingError.truncated) { try PictureConversion.png(from: bytes, limits: ImageLimits()) }
    }

    /// Its header is right, what lies behind is none of its pixels. A little damage shows as wrong pixels instead.
    @Test("a damaged file", arguments: ["phone.heic", "phone.avif"])
    func damaged(name: String) throws {
        var bytes = try fixture(name)
        let data = try #require(bytes.indices.first { bytes[$0...].starts(with: Array("mdat".utf8)) })
        for place in data + 4..<bytes.count { bytes[place] = 255 }
        let error = #expect(throws: ImagingError.self) {
            try PictureConversion.png(from: bytes, limits: ImageLimits())
        }
        #expect(error?.code == "picture_corrupt" && error?.status == 422)
        guard case .undecodable(let words)? = error else {
            Issue.record("the decoder's words are missing: \(String(describing: error))")
            return
        }
        #expect((1...300).contains(words.count) && error?.message.contains(words) == false, "they are for the log")
    }

    @Test("a bomb is refused by its header", arguments: ["phone.heic", "phone.avif"])
    func bomb(name: String) throws {
        var bytes = try fixture(name)
        let box = try #require(bytes.indices.first { bytes[$0...].starts(with: Array("ispe".utf8)) })
        bytes.replaceSubrange(box + 8..<box + 16, with: [0, 0, 0x4E, 0x20, 0, 0, 0x4E, 0x20])
        #expect(throws: ImagingError.tooManyPixels(width: 20_000, height: 20_000, limit: 50_000_000)) {
            try PictureConversion.png(from: bytes, limits: ImageLimits())
        }
        bytes.replaceSubrange(box + 8..<box + 16, with: [UInt8](repeating: 0xFF, count: 8))
        let error = #expect(throws: ImagingError.self) {
            try PictureConversion.png(from: bytes, limits: ImageLimits())
        }
        #expect(error?.status == 413)
    }

    @Test func noTimeGivesNoPicture() throws {
        let bytes = try fixture("phone.heic")
        #expect(throws: ImagingError.outOfTime) {
            try PictureConversion.png(from: bytes, limits: ImageLimits(), timeLimit: .nanoseconds(1))
        }
    }

    @Test func whatTheFileIsNotToBlameForIsNotCalledDamage() throws {
        let bytes = try fixture("phone.heic")
        let decoder = OutsideDecoder(limits: ImageLimits(), timeLimit: .seconds(60))
        let missing = #expect(throws: ImagingError.self) { try decoder.png(bytes, by: "nosuchload") }
        #expect(missing?.status == 415, "\(String(describing: missing))")
        let codec = OutsideDecoder.problem("heif: Unsupported feature: Unsupported codec (4.3000)", bytes)
        #expect(codec.status == 415)
        #expect(OutsideDecoder.problem("vips: error while loading shared libraries: libz.so", bytes).status == 500)
        #expect(OutsideDecoder.problem("Out of memory\n", bytes).status == 415)
        let words = "heif: Invalid input: Unexpected end of file"
        #expect(OutsideDecoder.problem(words, bytes) == .undecodable(words))
        let many = OutsideDecoder.problem(String(repeating: "Syntax Error\n", count: 300), bytes)
        #expect("\(many)".count < 700, "bounded, whatever a program says")
    }

    @Test func whatIsNotInstalledIsNamed() {
        #expect(OutsideDecoder.missingPrograms(in: "/nowhere") == ["vips", "vipsheader"])
        #expect(PictureConversion.missingDecoders == nil, "install libvips-tools")
    }

    @Test func aDocumentHasPages() throws {
        let document = PDFDocument(limits: ImageLimits()) { try fixture("two-pages.pdf") }
        #expect(try document.countPages() == 2)
        let first = try Bitmap.decode(document.png(ofPage: 0), before: .never)
        #expect(first.size == PixelSize(width: 900, height: 600), "450 x 300 pixels at 100 an inch")
        let second = try Bitmap.decode(document.png(ofPage: 1), before: .never)
        #expect(second.size == PixelSize(width: 600, height: 800))
        let middle = (400 * 600 + 300) * 3
        #expect(zip(second.pixels[middle..<middle + 3], [200, 30, 30]).allSatisfy { abs(Int($0) - $1) < 4 })
        let missing = #expect(throws: ImagingError.self) { try document.png(ofPage: 2) }
        #expect(missing?.code == "picture_corrupt")
    }

    @Test func aPosterIsDrawnSmaller() throws {
        var limits = ImageLimits()
        limits.pixels = 20_000
        let page = try PDFDocument(limits: limits) { try fixture("two-pages.pdf") }.png(ofPage: 0)
        let size = try Bitmap.decode(page, before: .never).size
        #expect(size.pixels <= 20_000)
        #expect(size.pixels > 15_000)
    }

    @Test func aBrokenDocumentIsRefused() throws {
        let bytes = try fixture("two-pages.pdf")
        let error = #expect(throws: ImagingError.self) {
            try PDFDocument(limits: ImageLimits()) { Array(bytes.prefix(200)) }.countPages()
        }
        #expect(error?.code == "picture_corrupt")
        #expect(throws: ImagingError.unsupported(what: "image/png")) {
            try PDFDocument(limits: ImageLimits()) { try fixture("rgba.png") }.countPages()
        }
    }

    @Test(
        "names end as what they became",
        arguments: [
            ("a.bmp", "a.png"), ("a.b.TIFF", "a.b.png"), ("IMG_1.HEIC", "IMG_1.png"), ("a.PNG", "a.PNG"),
            ("version 1.2", "version 1.2.png"), ("picture", "picture.png"), ("x.avif", "x.png"), (".heic", ".png"),
        ],
    )
    func names(name: String, expected: String) {
        #expect(ImageFormat.png.fileName(name) == expected)
        #expect(ImageFormat.jpeg.fileName("a.jpeg") == "a.jpeg")
    }
}
