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

/// The same for Chinese too.
let chineseLetterer = Task {
    let languages = ["eng", "chi_sim"]
    guard let letterer = try PictureLetterer.engine(languages: languages, width: 2, limits: ImageLimits()) else {
        throw NothingReads()
    }
    return letterer
}

/// Is `script/setup --test` done? It installs tesseract-ocr-eng and tesseract-ocr-chi-sim.
private struct NothingReads: Error {}

/// A picture with lines of dark text on a plain ground.
struct DrawnSign: Sendable {
    static let size = PixelSize(width: 640, height: 360)
    /// PNG.
    let file: [UInt8]
    let pixels: Bitmap

    /// Characters one below the other, and lines beside them.
    init(column: String, lines: [String] = []) async throws {
        let places = column.enumerated().map { index, character in
            (text: String(character), box: TextBox(x: 560, y: 20 + 41 * index, width: 60, height: 44))
        }
        let rows = lines.enumerated().map {
            (text: $1, box: TextBox(x: 40, y: 60 + 110 * $0, width: 460, height: 44))
        }
        try await self.init(places + rows, size: 38, language: "zh-Hans")
    }

    /// Lines stand so far apart that each is a block of its own. `language`: of all lines.
    init(_ lines: [String], size em: Double = 34, language: String = "en") async throws {
        let places = lines.enumerated().map { index, line in
            (text: line, box: TextBox(x: 40, y: 40 + 110 * index, width: 560, height: Int(em * 1.2)))
        }
        try await self.init(places, size: em, language: language)
    }

    private init(_ places: [(text: String, box: TextBox)], size em: Double, language: String) async throws {
        let paper = Bitmap(
            size: Self.size,
            bands: 3,
            pixels: Array(repeating: [240, 232, 205] as [UInt8], count: Self.size.pixels).flatMap(\.self),
        )
        let lettering = Lettering(ocr: try OCREngine())
        let nothing = Bitmap(size: Self.size, bands: 1, pixels: Array(repeating: 0, count: Self.size.pixels))
        let texts = places.enumerated().map { index, place in
            let block = TextBlock(
                box: place.box,
                order: index,
                lines: [],
                text: place.text,
                confidence: 1,
                style: TextStyle(size: em, colour: Colour(red: 30, green: 40, blue: 70)),
            )
            return BlockText(block: block, text: place.text, language: language)
        }
        let drawn = try await lettering.set(
            texts,
            on: CleanPicture(original: paper, picture: paper, mask: nothing),
        )
        (file, pixels) = (drawn.png, drawn.picture)
    }
}
