import Glibc
@testable import Imaging
import Testing

@testable import OCR

/// Lines that stand askew, drawn as dashes.
@Suite struct SkewTests {
    private func sheet(turnedBy angle: Double) -> Sheet {
        let (width, height) = (500, 300)
        let (sine, cosine) = (sin(angle * .pi / 180), cos(angle * .pi / 180))
        let pixels = (0..<width * height).map { at -> UInt8 in
            let (dx, dy) = (Double(at % width) - 250, Double(at / width) - 150)
            let (x, y) = (dx * cosine + dy * sine, dy * cosine - dx * sine)
            let isLine = abs(x) < 190 && abs(y) < 90 && Int(y + 900) % 30 < 12
            return isLine && Int(x + 900) % 9 < 6 ? 0 : 255
        }
        return Sheet(size: PixelSize(width: width, height: height), pixels: pixels, scale: 1)
    }

    @Test("the angle of lines is found", arguments: [-14, -6.5, -2, 3, 8, 14.5])
    func angles(angle: Double) {
        let sheet = sheet(turnedBy: angle)
        let found = Skew.ofPage([sheet])
        #expect(abs(found - angle) < 0.25, "\(found)")
        #expect(Skew.ofPage([sheet.turnedBack(by: angle)]) == 0)
        #expect(Skew(sheet.inkPoints(), expected: found).angle == found)
    }

    @Test func levelLinesAndNoLinesHaveNoAngle() {
        #expect(Skew.ofPage([sheet(turnedBy: 0)]) == 0)
        let empty = Sheet(
            size: PixelSize(width: 40, height: 30),
            pixels: Array(repeating: 255, count: 1_200),
            scale: 1,
        )
        #expect(Skew.ofPage([empty]) == 0)
    }

    @Test func aPageIsLevelWhenItsDarkOrItsBrightLinesAre() {
        let (level, turned) = (sheet(turnedBy: 0), sheet(turnedBy: 9))
        #expect(Skew.ofPage([level, turned]) == 0)
        #expect(Skew.ofPage([turned, level]) == 0)
        #expect(abs(Skew.ofPage([turned, turned]) - 9) < 0.25)
    }

    @Test func aTurnedSheetHoldsAllOfThePicture() {
        let sheet = Sheet(
            size: PixelSize(width: 60, height: 20),
            pixels: Array(repeating: 7, count: 1_200),
            scale: 2,
        )
        let turned = sheet.turnedBack(by: 10)
        #expect(turned.size.width >= 60 && turned.size.height > 20 && turned.scale == 2)
        #expect(turned.origin.x <= 0 && turned.origin.y < 0)
        #expect(turned.pixels.allSatisfy { $0 == 7 })
    }

    @Test(
        "what is often misread is mended",
        arguments: [
            ("|", "I"), ("|'m", "I'm"), ("HE|P", "HEIP"), ("hel|o", "hello"), ("‘The", "The"), ("‘so’", "‘so’"),
        ],
    )
    func repairs(read: String, mended: String) {
        let box = WordBox(x: 0, y: 0, width: 9, height: 9)
        let word = RecognizedWord(text: read, box: box, confidence: 90, line: 0, pass: "page")
        #expect(word.repaired().text == mended)
    }
}
