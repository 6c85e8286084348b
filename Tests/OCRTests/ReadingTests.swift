import Imaging
import Kernel
import TestSupport
import Testing

@testable import OCR

/// One picture at a time, drawn by `pictures.py`.
@Suite(.timeLimit(.minutes(5))) struct ReadingTests {
    private let sentence = ["seven", "green", "apples", "tasted", "sweet"]

    private func read(
        _ name: String,
        _ mode: OCREngine.Mode,
        limits: OCREngine.Limits = OCREngine.Limits(),
    ) async throws -> Recognition {
        let bytes = try await Pictures.drawn.value.bytes(name)
        return try await OCREngine(limits: limits).recognize(bytes, mode: mode)
    }

    @Test func layoutKeepsWordsInOrderOnOneLineOfOnePass() async throws {
        let recognition = try await read("upright.jpg", .layout)
        #expect(recognition.text == sentence.joined(separator: " "))
        #expect(Set(recognition.words.map(\.line)).count == 1)
        #expect(Set(recognition.words.map(\.pass)).count == 1)
        #expect(recognition.words.allSatisfy { (40...100).contains($0.confidence) })
    }

    @Test("boxes are in pixels of the upright picture", arguments: ["upright", "turned-3", "turned-6", "turned-8"])
    func orientedBoxes(name: String) async throws {
        let recognition = try await read("\(name).jpg", .layout)
        #expect((recognition.width, recognition.height) == (640, 200))
        let seven = try #require(recognition.words.first { $0.text == "seven" }).box
        let drawn = try await Pictures.drawn.value.text("boxes.txt").split { " \n".contains($0) }.compactMap { Int($0) }
        let found = [seven.x, seven.y, seven.x + seven.width, seven.y + seven.height]
        #expect(zip(found, drawn).allSatisfy { abs($0 - $1) <= 4 }, "\(found) and \(drawn)")
    }

    @Test("of an animation the first and the middle frame are read", arguments: ["frames.gif", "frames.webp"])
    func animations(name: String) async throws {
        let words = Set(try await read(name, .recall).words.map(\.text))
        #expect(words.isSuperset(of: ["first", "speaks", "middle", "hello"]))
        #expect(words.isDisjoint(with: ["second", "never"]))
        #expect(try await read(name, .layout).text == "first frame speaks here")
    }

    @Test("text on a transparent ground is read in black and in white", arguments: ["white", "black"])
    func transparentGround(ink: String) async throws {
        let words = Set(try await read("clear-\(ink).png", .recall).words.map(\.text))
        #expect(words.isSuperset(of: [ink, "words", "without", "ground"]))
    }

    @Test("a picture without text gives no words", arguments: ["plain.png", "dot.png"])
    func withoutText(name: String) async throws {
        #expect(try await read(name, .recall).words.isEmpty)
        #expect(try await read(name, .layout).words.isEmpty)
    }

    @Test func aHugePictureIsReadReducedAndItsBoxesAreNot() async throws {
        let recognition = try await read("huge.png", .layout)
        #expect((recognition.width, recognition.height) == (9000, 4500))
        let banner = try #require(recognition.words.first { $0.text == "banner" }).box
        #expect((600...1000).contains(banner.x) && (800...1100).contains(banner.y), "\(banner)")
    }

    @Test func tooManyPixelsAreRefusedBeforeDecoding() async throws {
        var limits = OCREngine.Limits()
        limits.image.pixels = 1_000
        await #expect(throws: ImagingError.tooManyPixels(width: 640, height: 200, limit: 1_000)) {
            try await read("upright.jpg", .recall, limits: limits)
        }
    }

    @Test func whatIsNoPictureIsRefused() async throws {
        let engine = try OCREngine()
        await #expect(throws: ImagingError.self) { try await engine.recognize(Array("hello".utf8), mode: .recall) }
        let cut = Array(try await Pictures.drawn.value.bytes("upright.jpg").prefix(3_000))
        await #expect(throws: ImagingError.truncated) { try await engine.recognize(cut, mode: .layout) }
    }

    @Test func readingEndsWhenItsTimeIsOver() async throws {
        var limits = OCREngine.Limits()
        limits.time = .milliseconds(40)
        do {
            _ = try await read("dense.png", .recall, limits: limits)
            Issue.record("a page of 55 lines was read in 40 ms")
        } catch let error as any Failure {
            // Whichever of both looked at the clock.
            #expect(error.status == 503)
        }
    }

    @Test func tesseractStopsInTheMiddleOfAPage() async throws {
        let tesseract = try Tesseract(["eng"], data: .standard)
        let bytes = try await Pictures.drawn.value.bytes("dense.png")
        let sheet = try ReadablePicture.open(bytes, maxPixels: 4_000_000, before: Deadline(after: .seconds(60))) {
            try $0.sheet(.grey, enlargement: 1, maxPixels: 4_000_000)
        }
        let cancellation = Cancellation()
        let stop = ReadingStop(at: Deadline(after: .seconds(200)), cancellation)
        let all = tesseract.read(sheet, .page, pass: "page", firstLine: 0, stop: stop)
        #expect(all.count > 500)
        cancellation.cancel()
        #expect(tesseract.read(sheet, .page, pass: "page", firstLine: 0, stop: stop).isEmpty)
        #expect(throws: CancellationError.self) { try stop.check() }
    }

    @Test func aCancelledTaskGetsACancellationError() async throws {
        let engine = try OCREngine()
        let bytes = try await Pictures.drawn.value.bytes("dense.png")
        let task = Task { try await engine.recognize(bytes, mode: .recall) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func severalAtOnceReadWhatOneReads() async throws {
        let bytes = try await Pictures.drawn.value.bytes("upright.jpg")
        let engine = try OCREngine(width: 3)
        let alone = try await engine.recognize(bytes, mode: .recall)
        try await withThrowingTaskGroup(of: Recognition.self) { group in
            for _ in 0..<9 { group.addTask { try await engine.recognize(bytes, mode: .recall) } }
            for try await recognition in group { #expect(recognition == alone) }
        }
    }
}
