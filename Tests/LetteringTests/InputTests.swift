import Imaging
import Kernel
import OCR
import Testing

@testable import Lettering

/// Pictures that are none, or too large, or of which nobody waits for the result.
@Suite(.timeLimit(.minutes(5))) struct InputTests {
    @Test func whatIsNoPictureIsRefused() async throws {
        await #expect(throws: ImagingError.self) { try await lettering.value.blocks(of: Array("hello".utf8)) }
        await #expect(throws: ImagingError.self) { try await lettering.value.decode([]) }
    }

    @Test func aPictureThatWasCutOffIsRefused() async throws {
        let bytes = try await Pictures.bytes("turned.jpg")
        await #expect(throws: ImagingError.truncated) {
            try await lettering.value.decode(Array(bytes.prefix(bytes.count / 2)))
        }
    }

    @Test func damagedPixelsAreRefused() async throws {
        var bytes = try await Pictures.bytes("sign.png")
        for at in bytes.count / 2..<bytes.count / 2 + 40 { bytes[at] ^= 0x5A }
        await #expect(throws: ImagingError.self) { try await lettering.value.decode(bytes) }
    }

    @Test func tooManyPixelsAreRefusedBeforeDecoding() async throws {
        var limits = Lettering.Limits()
        limits.image.pixels = 1_000
        let engine = Lettering(ocr: try OCREngine(), limits: limits)
        await #expect(throws: ImagingError.tooManyPixels(width: 640, height: 200, limit: 1_000)) {
            try await engine.decode(Pictures.bytes("sign.png"))
        }
    }

    @Test func workEndsWhenItsTimeIsOver() async throws {
        var limits = Lettering.Limits()
        limits.time = .zero
        let page = try await page("sign")
        let engine = Lettering(ocr: try OCREngine(), limits: limits)
        await #expect(throws: ImagingError.outOfTime) { try await engine.erase(page.blocks, from: page.picture) }
    }

    @Test func aCancelledTaskGetsACancellationError() async throws {
        let page = try await page("sign")
        let task = Task { try await lettering.value.erase(page.blocks, from: page.picture) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func blocksOutsideOfThePictureChangeNothing() async throws {
        let page = try await page("sign")
        var block = try #require(page.blocks.first)
        for box in [
            TextBox(x: 5_000, y: 40, width: 90, height: 30), TextBox(x: -900, y: -900, width: 20, height: 20),
        ] {
            block.box = box
            block.lines = []
            let clean = try await lettering.value.erase([block], from: page.picture)
            #expect(clean.picture == page.picture)
            let lettered = try await lettering.value.set([BlockText(block: block, text: "x")], on: clean)
            #expect(lettered.picture == page.picture)
        }
    }
}
