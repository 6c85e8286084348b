import Imaging
import Kernel
import Testing

@testable import Images

@Suite struct FactsJSONTests {
    /// A GIF of one red pixel.
    private static let redPixel: [UInt8] = [
        0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 1, 0, 1, 0, 0x80, 0, 0, 0xC8, 0x1E, 0x1E, 0, 0, 0, 0x2C, 0, 0, 0, 0, 1, 0,
        1,
        0, 0, 2, 2, 0x44, 1, 0, 0x3B,
    ]

    @Test func clientsFindEveryFact() throws {
        let facts = factsJSON(try VariantMaker().make(from: Self.redPixel) { _ in })
        #expect(facts["original_dimensions"] == ["width": 1, "height": 1])
        #expect(facts["dominant_color"] == "#c81e1e")
        #expect(facts["average_color"] == "#c81e1e")
        #expect(facts["dominant"] == "#c81818")
        #expect(facts["palette"] == ["#c81e1e"])
        #expect(facts["blurhash"]?.string?.count == 28)
        #expect(facts["thumbhash"]?.string?.count == 32)
        #expect(facts["placeholder"]?.string?.hasPrefix("data:image/webp;base64,UklGR") == true)
        #expect(facts["perceptual_hash"] == "0000000000000000")
        #expect(facts["difference_hash"] == "0000000000000000")
    }
}
