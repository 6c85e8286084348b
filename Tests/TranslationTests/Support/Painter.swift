import Imaging
import Lettering
import OCR

@testable import Translation

/// Stands for a model that draws: it reads the picture that it gets, sets the words in it that it was asked for, makes
/// everything a little brighter and gives it in a size of its own choice.
struct Painter: Sendable {
    /// Added to every channel, as models do not keep colours exactly.
    static let brighter: UInt8 = 6
    /// What a model gives for 16:9.
    var size = PixelSize(width: 1344, height: 768)
    /// What it writes instead of a word that it was asked for.
    var misspelling: @Sendable (String) -> String = { $0 }

    func draw(_ file: [UInt8], _ words: [String: String]) async throws -> [UInt8] {
        let lettering = Lettering(ocr: try OCREngine())
        let page = try await lettering.blocks(of: file)
        let clean = try await lettering.erase(page.blocks, from: page.picture)
        let texts = page.blocks.map {
            BlockText(block: $0, text: misspelling(words[$0.text] ?? $0.text), language: "es")
        }
        var drawn = try await lettering.set(texts, on: clean).picture
        for index in drawn.pixels.indices {
            drawn.pixels[index] = UInt8(min(255, Int(drawn.pixels[index]) + Int(Self.brighter)))
        }
        return try drawn.resized(to: size, before: Deadline(after: .seconds(60))).png()
    }
}
