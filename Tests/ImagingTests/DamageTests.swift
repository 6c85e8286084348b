import Testing

@testable import Imaging

@Suite struct DamageTests {
    private static let whole = [
        "photo.jpg", "progressive.jpg", "cmyk.jpg", "metadata.png", "interlaced.png", "grey16.png", "lossy.webp",
        "lossless.webp", "metadata.webp", "animated.webp", "animated.gif",
    ]

    @Test("a file that was cut off is refused before it is decoded", arguments: whole)
    func cutOff(name: String) throws {
        let bytes = try fixture(name)
        for share in [4, 10, 25, 50, 75, 90, 99] {
            let part = Array(bytes.prefix(bytes.count * share / 100))
            let error = #expect(throws: ImagingError.self) { try ImageLimits().inspect(part) }
            let isNamed = error == .truncated || (share == 4 && error?.status == 415)
            #expect(isNamed, "\(share) % of \(name): \(String(describing: error))")
        }
    }

    @Test("a file without its last byte is refused", arguments: whole)
    func lastByteMissing(name: String) throws {
        let part = Array(try fixture(name).dropLast())
        #expect(throws: ImagingError.truncated) { try ImageLimits().inspect(part) }
    }

    @Test("bytes behind the end do no harm", arguments: whole)
    func trailingBytes(name: String) throws {
        let bytes = try fixture(name)
        let header = try ImageLimits().inspect(bytes)
        #expect(try ImageLimits().inspect(bytes + Array("<html>".utf8)) == header)
        let made = try Made(bytes + Array("<html>".utf8))
        #expect(made.variants.count == 4)
    }

    @Test(
        "damage between a right header and a right end is found while decoding",
        arguments: ["damaged.jpg", "damaged.png", "damaged.webp", "damaged.gif"],
    )
    func damagedInside(name: String) throws {
        let bytes = try fixture(name)
        #expect(throws: Never.self) { try ImageLimits().inspect(bytes) }
        var delivered = 0
        #expect(throws: ImagingError.corrupt) { try VariantMaker().make(from: bytes) { _ in delivered += 1 } }
        #expect(delivered == 0)
    }

    @Test func rowsThatAreMissingAreNotGuessed() throws {
        // The end marker is there, the last chunk of pixels is not.
        var png = PNGBuilder(PixelSize(width: 64, height: 64))
        let whole = plainPNG(PixelSize(width: 64, height: 64))
        let data = Array(whole[41..<whole.count - 16])
        png.add("IDAT", Array(data.prefix(data.count / 2)))
        png.add("IEND", [])
        #expect(throws: Never.self) { try ImageLimits().inspect(png.bytes) }
        #expect(throws: ImagingError.corrupt) { try Made(png.bytes) }
    }

    @Test func aFileThatShowsTheLibraryALargerPictureIsRefused() throws {
        // The library decodes the first picture of a WebP, our reader ends at the last one.
        let large = try fixture("lossy.webp")[12...]
        let small = try Made(plainPNG(PixelSize(width: 2, height: 2))).variant("original").bytes[12...]
        let length = UInt32(4 + large.count + small.count)
        let bytes = Array("RIFF".utf8) + bigEndian(length).reversed() + Array("WEBP".utf8) + large + small
        #expect(try ImageLimits().inspect(bytes).size == PixelSize(width: 2, height: 2))
        #expect(throws: ImagingError.corrupt) { try Made(bytes) }
    }

    @Test func aPictureLargerThanItsCanvasCountsWithItsOwnSize() throws {
        var bytes = try fixture("metadata.webp")
        bytes.replaceSubrange(24..<30, with: [0, 0, 0, 0, 0, 0])  // a canvas of 1 x 1
        #expect(try ImageLimits().inspect(bytes).size == PixelSize(width: 64, height: 48))
        #expect(throws: ImagingError.corrupt) { try Made(bytes) }
    }

    @Test("the answer to damage is permanent and says what to do", arguments: [ImagingError.corrupt, .truncated])
    func words(error: ImagingError) {
        #expect(error.status == 422)
        #expect(error.message.contains("again"))
    }

    @Test("headers that contradict themselves are refused", arguments: contradictions)
    func contradiction(what: String, bytes: [UInt8]) {
        #expect(throws: ImagingError.corrupt, "\(what)") { try ImageHeader.read(bytes) }
    }

    private static let contradictions: [(String, [UInt8])] = [
        ("a PNG without pixels", pngOf(4, 4) { $0.add("IEND", []) }),
        (
            "a PNG of no width",
            pngOf(0, 4) {
                $0.add("IDAT", []); $0.add("IEND", [])
            },
        ),
        (
            "a PNG of no height",
            pngOf(4, 0) {
                $0.add("IDAT", []); $0.add("IEND", [])
            },
        ),
        (
            "a PNG palette of 16 bits",
            pngOf(4, 4, depth: 16, colourType: 3) {
                $0.add("IDAT", []); $0.add("IEND", [])
            },
        ),
        (
            "a PNG of colour type 5",
            pngOf(4, 4, colourType: 5) {
                $0.add("IDAT", []); $0.add("IEND", [])
            },
        ),
        ("a JPEG of a start and an end", [0xFF, 0xD8, 0xFF, 0xD9]),
        ("a JPEG segment shorter than its length", [0xFF, 0xD8, 0xFF, 0xE0, 0, 1, 0xFF, 0xD9]),
        ("a JPEG scan without a frame", [0xFF, 0xD8, 0xFF, 0xDA, 0, 2, 0xFF, 0xD9]),
        ("a JPEG of two sizes", Array(jpegOf(8, 8).prefix(15)) + jpegOf(80, 80).dropFirst(2)),
        ("a JPEG of no width", jpegOf(0, 8)),
        ("a JPEG of no height", jpegOf(8, 0)),
        ("a GIF without a frame", Array("GIF89a".utf8) + [4, 0, 4, 0, 0, 0, 0, 0x3B]),
        ("a GIF with an unknown block", Array("GIF89a".utf8) + [4, 0, 4, 0, 0, 0, 0, 0x99, 0x3B]),
        ("a WebP without a picture", Array("RIFF".utf8) + [4, 0, 0, 0] + Array("WEBP".utf8)),
        (
            "a WebP whose frame has no start code",
            Array("RIFF".utf8) + [22, 0, 0, 0] + Array("WEBPVP8 ".utf8) + [10, 0, 0, 0]
                + Array(repeating: 0, count: 10),
        ),
    ]

    private static func pngOf(
        _ width: Int,
        _ height: Int,
        depth: UInt8 = 8,
        colourType: UInt8 = 0,
        _ rest: (inout PNGBuilder) -> Void,
    ) -> [UInt8] {
        var png = PNGBuilder(PixelSize(width: width, height: height), depth: depth, colourType: colourType)
        rest(&png)
        return png.bytes
    }

    private static func jpegOf(_ width: UInt8, _ height: UInt8) -> [UInt8] {
        [0xFF, 0xD8, 0xFF, 0xC0, 0, 11, 8, 0, height, 0, width, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 2, 0xFF, 0xD9]
    }
}
