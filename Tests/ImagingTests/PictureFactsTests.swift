import Foundation
import Testing

@testable import Imaging

/// Expected values come from other people's programs; `Fixtures/reference.py` prints them.
@Suite struct PictureFactsTests {
    @Test(
        "BlurHash is that of the reference",
        arguments: [
            (32, 24, "LHGSP:9s0eD+rVH]IWraRyScOX$*"), (24, 32, "TFGI[g2*0_m9D8M4W6I:t$xSJ*wO"),
            (40, 40, "LAGv00BM1XBfm,MeDlH^QmQpM#R9"), (90, 10, "LAG[ycDz9I8{^zRfNeMeaqV=f,RX"),
        ],
    )
    func blurHash(width: Int, height: Int, expected: String) {
        #expect(Sample.drawn(width, height).blurHash == expected)
    }

    @Test(
        "ThumbHash is that of the reference",
        arguments: [
            (32, 24, false, "HfgFFYQBIXVCdKl0l1l3hmleL8CN"), (24, 32, false, "HegFFQgAMiFzS5Vbl3Z5Z4o7D9Ka"),
            (40, 40, true, "H/iBDQA7RoSjVVA1GXl/jrDGUHd3iId4dw=="), (90, 10, false, "XQgGGYAyIgNTZ0eHeq5P+Xs="),
            (60, 100, true, "H/iBAwAtFaCJGAn1Xw6knCBlZod3eHc="),
        ],
    )
    func thumbHash(width: Int, height: Int, alpha: Bool, expected: String) {
        let hash = Sample.drawn(width, height, alpha: alpha).thumbHash
        #expect(Data(hash).base64EncodedString() == expected)
    }

    @Test func onePixelHasHashes() {
        let pixel = Sample.row([(200, 30, 30, 255)])
        #expect(pixel.blurHash.count == 28)
        #expect(pixel.thumbHash.count == 24)
        #expect(pixel.perceptualHash == 0)
        #expect(pixel.differenceHash == 0)
        #expect(pixel.palette() == [Colour(red: 200, green: 30, blue: 30)])
    }

    @Test(
        "the average colour is that of a reduction to one pixel",
        arguments: [
            ("photo.jpg", Colour(red: 0x63, green: 0x5A, blue: 0x6A)),
            ("other-1.jpg", Colour(red: 0x8A, green: 0x80, blue: 0x87)),
            ("other-2.jpg", Colour(red: 0x86, green: 0x97, blue: 0x95)),
            ("other-3.jpg", Colour(red: 0x69, green: 0x56, blue: 0x5A)),
        ],
    )
    func averageColour(name: String, expected: Colour) throws {
        let colour = try Made(fixture(name)).facts.averageColour
        #expect(distance(colour, expected) <= 2, "\(colour.hexadecimal) instead of \(expected.hexadecimal)")
    }

    @Test func invisiblePixelsHaveNoColour() {
        let sample = Sample.row([(200, 30, 30, 255), (0, 255, 0, 0), (0, 255, 0, 0)])
        let red = Colour(red: 200, green: 30, blue: 30)
        #expect(sample.averageColour == red)
        #expect(sample.palette() == [red])
        #expect(sample.dominantColour.hexadecimal == "#c81818")
    }

    @Test func aPictureThatNobodySeesStillHasColours() {
        let sample = Sample.row([(10, 20, 30, 0), (10, 20, 30, 0)])
        #expect(sample.averageColour.hexadecimal == "#0a141e")
        #expect(sample.palette().map(\.hexadecimal) == ["#0a141e"])
        #expect(sample.thumbHash.count > 5)
    }

    @Test func theDominantColourIsTheMostFrequentAndNotTheMean() {
        let sample = Sample.row([(250, 0, 0, 255), (250, 5, 9, 255), (0, 0, 250, 255), (0, 250, 0, 255)])
        #expect(sample.dominantColour == Colour(red: 248, green: 8, blue: 8))
        #expect(sample.averageColour == Colour(red: 125, green: 64, blue: 65))
    }

    @Test func thePaletteNamesEachOfFiveColoursOnce() {
        let five: [(UInt8, UInt8, UInt8, UInt8)] = [
            (200, 30, 30, 255), (30, 200, 30, 255), (30, 30, 200, 255), (240, 240, 240, 255), (10, 10, 10, 255),
        ]
        // 5, 4, 3, 2, 1 pixels, mixed.
        let pixels = (0..<5).flatMap { five.prefix(5 - $0) }
        let expected = ["#c81e1e", "#1ec81e", "#1e1ec8", "#f0f0f0", "#0a0a0a"]
        #expect(Sample.row(pixels).palette().map(\.hexadecimal) == expected)
        #expect(Sample.row(pixels.reversed()).palette().map(\.hexadecimal) == expected)
    }

    @Test func thePlaceholderIsATinyWebP() throws {
        let facts = try Made(fixture("photo.jpg")).facts
        let placeholder = try ImageHeader.read(facts.placeholder)
        #expect(placeholder.format == .webp)
        #expect(placeholder.size == PixelSize(width: 16, height: 12))
        #expect(facts.placeholder.count < 400)
        let seeThrough = try Pixels(try Made(fixture("rgba.png")).facts.placeholder, .webp)
        #expect(seeThrough[0, 6][3] == 255)
        #expect(seeThrough[15, 6][3] == 0)
    }
}
