import Imaging
import Testing

@testable import Lettering

/// What a model drew, brought back to where it belongs.
@Suite(.timeLimit(.minutes(5))) struct PastingTests {
    private func resized(_ picture: Bitmap, _ width: Int, _ height: Int) throws -> Bitmap {
        try picture.resized(to: PixelSize(width: width, height: height), before: Deadline(after: .seconds(60)))
    }

    @Test(arguments: [
        (800, 600, "4:3"), (600, 800, "3:4"), (640, 360, "16:9"), (500, 500, "1:1"), (1000, 1400, "3:4"),
        (1200, 800, "3:2"),
    ])
    func aPictureLiesOnTheSmallestSheetAndComesBackUnchanged(width: Int, height: Int, ratio: String) throws {
        let size = PixelSize(width: width, height: height)
        let canvas = try #require(ModelCanvas(for: size))
        #expect(canvas.aspectRatio == ratio)
        let pixels = (0..<size.pixels * 3).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let picture = Bitmap(size: size, bands: 3, pixels: pixels)
        #expect(canvas.picture(of: canvas.sheet(of: picture)) == picture)
    }

    @Test func aStripIsNotDrawable() {
        #expect(ModelCanvas(for: PixelSize(width: 100, height: 1000)) == nil)
        #expect(ModelCanvas(for: PixelSize(width: 2000, height: 300)) == nil)
    }

    @Test("a drawing that lies a little beside its picture is moved back", arguments: [(3, -2), (0, 0), (-4, 1)])
    func registration(x: Int, y: Int) async throws {
        let page = try await page("soft")
        var moved = page.picture
        let size = moved.size
        for row in 0..<size.height {
            for column in 0..<size.width {
                let from =
                    min(size.height - 1, max(0, row - y)) * size.width + min(size.width - 1, max(0, column - x))
                let to = row * size.width + column
                for band in 0..<3 { moved.pixels[to * 3 + band] = page.picture.pixels[from * 3 + band] }
            }
        }
        let boxes = page.blocks.map { $0.box.expanded(8, 8) }
        let found = Registration(of: moved, to: page.picture, besides: boxes)
        #expect(found.shift == (x, y) && found.difference < 1, "\(found)")
    }

    @Test func aDrawingOfAnotherSizeIsFitted() async throws {
        let file = try await Pictures.bytes("soft.png")
        let page = try await page("soft")
        let size = page.picture.size
        let question = try await lettering.value.question(about: file)
        let sheet = try Bitmap.decode(question.file, before: Deadline(after: .seconds(60)))
        #expect(question.pixels >= size.pixels && question.pixels < 2 * size.pixels, "of the sheet, not reduced")
        let drawing = try resized(sheet, sheet.size.width * 3 / 2, sheet.size.height * 3 / 2).png()
        let fitted = try await lettering.value.fitted(drawing, to: file, besides: page.blocks)
        let bitmap = try Bitmap.decode(fitted, before: Deadline(after: .seconds(60)))
        #expect(bitmap.size == size)
    }

    @Test func whatIsNoDrawingOfThePictureIsRefused() async throws {
        let file = try await Pictures.bytes("sign.png")
        let page = try await page("sign")
        let lettering = try await lettering.value
        await #expect(throws: DrawingError.unreadable) {
            try await lettering.fitted(Array("nothing".utf8), to: file, besides: [])
        }
        let tall = try resized(page.picture, 300, 900).png()
        await #expect(throws: DrawingError.wrongShape(width: 300, height: 900)) {
            try await lettering.fitted(tall, to: file, besides: [])
        }
        let question = try await lettering.question(about: file)
        var dark = try Bitmap.decode(question.file, before: Deadline(after: .seconds(60)))
        for index in dark.pixels.indices { dark.pixels[index] = 255 - dark.pixels[index] }
        let negative = try dark.png()
        await #expect(throws: DrawingError.unlike) { try await lettering.fitted(negative, to: file, besides: []) }
        let clear = try await Pictures.bytes("clear.png")
        await #expect(throws: DrawingError.unsuitable(reason: "it is transparent")) {
            try await lettering.question(about: clear)
        }
    }

    @Test("no pixel outside of the pasted places changes", arguments: ["sign", "meme", "tilted"])
    func outside(name: String) async throws {
        let page = try await page(name)
        let lettering = try await lettering.value
        var drawing = try await replaced(page, by: page.blocks.map { _ in "NOW TEA" }).picture
        for index in drawing.pixels.indices { drawing.pixels[index] = drawing.pixels[index] / 2 + 64 }
        let clean = try await lettering.erase(page.blocks, from: page.picture)
        let texts = page.blocks.map { BlockText(block: $0, text: "NOW TEA") }
        let (pasted, outcomes) = try await lettering.paste(texts, from: drawing, on: clean)
        let changed = differences(pasted.picture, page.picture)
        #expect(!changed.isEmpty)
        #expect(changed.allSatisfy { place in outcomes.contains { $0.changed.contains(place) } })
        let width = page.picture.size.width
        #expect(changed.allSatisfy { pasted.mask.pixels[Int($0.y) * width + Int($0.x)] == 255 })
        let checks = try await lettering.check(texts, outcomes, on: pasted.picture, clean, isPasted: true)
        #expect(checks.count == texts.count)
    }
}
