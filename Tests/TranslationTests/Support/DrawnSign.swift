import Imaging
import Lettering
import OCR

@testable import Translation

/// What reads and draws in the tests that need real words on real pixels: one for all, since it loads models.
let realLetterer = Task {
    guard let letterer = try PictureLetterer.engine(languages: ["eng"], width: 2, limits: ImageLimits()) else {
        throw NothingReads()
    }
    return letterer
}

/// Is `script/setup --test` done? It installs tesseract-ocr-eng.
private struct NothingReads: Error {}

/// A picture with lines of dark text on a plain ground.
struct DrawnSign: Sendable {
    static let size = PixelSize(width: 640, height: 360)
    /// PNG.
    let file: [UInt8]
    let pixels: Bitmap

    /// Lines stand so far apart that each is a block of its own. `language`: of all lines.
    init(_ lines: [String], size em: Double = 34, language: String = "en") async throws {
        let paper = Bitmap(
            size: Self.size,
            bands: 3,
            pixels: Array(repeating: [240, 232, 205] as [UInt8], count: Self.size.pixels).flatMap(\.self),
        )
        let lettering = Lettering(ocr: try OCREngine())
        let nothing = Bitmap(size: Self.size, bands: 1, pixels: Array(repeating: 0, count: Self.size.pixels))
        let texts = lines.enumerated().map { index, line in
            let box = TextBox(x: 40, y: 40 + 110 * index, width: 560, height: Int(em * 1.2))
            let block = TextBlock(
                box: box,
                order: index,
                lines: [],
                text: line,
                confidence: 1,
                style: TextStyle(size: em, colour: Colour(red: 30, green: 40, blue: 70)),
            )
            return BlockText(block: block, text: line, language: language)
        }
        let drawn = try await lettering.set(
            texts,
            on: CleanPicture(original: paper, picture: paper, mask: nothing),
        )
        (file, pixels) = (drawn.png, drawn.picture)
    }
}
