import Imaging
import OCR
import Testing

@testable import Lettering

/// Parts that need no picture.
@Suite struct RuleTests {
    private let endless = WorkStop(at: Deadline(after: .seconds(600)), Cancellation())
    private let over = WorkStop(at: Deadline(after: .zero), Cancellation())

    @Test func dilationReachesAsFarAsItsRadiusInBothDirections() {
        var flags = Array(repeating: false, count: 9 * 7)
        flags[3 * 9 + 4] = true
        let set = PixelSet(width: 9, height: 7, flags: flags).dilated(2)
        for y in 0..<7 {
            for x in 0..<9 { #expect(set.flags[y * 9 + x] == (abs(x - 4) <= 2 && abs(y - 3) <= 2), "\(x) \(y)") }
        }
    }

    @Test func holesOfAPlaneGoOnWithIt() throws {
        let (width, height) = (40, 24)
        let plane = (0..<width * height).map { Float($0 % width * 3 + $0 / width * 2) }
        let isHole = (0..<width * height).map { (10..<26).contains($0 % width) && (8..<14).contains($0 / width) }
        let holed = zip(plane, isHole).map { $1 ? 0 : $0 }
        let filled = try PullPush(width: width, height: height, planes: [holed], isHole: isHole).filled(endless)[0]
        let worst = zip(filled, plane).map { abs($0 - $1) }.max() ?? 99
        #expect(worst < 4, "\(worst)")
        #expect(zip(zip(filled, plane), isHole).allSatisfy { $1 || $0.0 == $0.1 })
    }

    @Test func withoutAKnownPixelNothingIsFilled() throws {
        let planes: [[Float]] = [[5, 6, 7, 8]]
        let patch = PullPush(width: 2, height: 2, planes: planes, isHole: [true, true, true, true])
        #expect(try patch.filled(endless) == planes)
    }

    @Test("a block that covers a whole picture does not outlast the picture's time")
    func timeIsOverWithinAHole() {
        let patch = PullPush(width: 2, height: 1, planes: [[5, 0]], isHole: [false, true])
        #expect(throws: ImagingError.outOfTime) { try patch.filled(over) }
    }

    @Test("a text that is laid out again and again does not outlast the picture's time")
    func timeIsOverWithinAText() throws {
        let block = TextBlock(
            box: TextBox(x: 0, y: 0, width: 100, height: 30),
            angle: 0,
            order: 0,
            lines: [],
            text: "short",
            confidence: 1,
            style: TextStyle(size: 24),
        )
        let text = BlockText(block: block, text: "short")
        let target = TargetBox(box: block.box, firstBaseline: 24, lastBaseline: 24)
        let inTime = Fitting(text, outline: 0, .words, stop: endless)
        #expect(try inTime.fit(into: target, least: 0.35) != nil)
        let late = Fitting(text, outline: 0, .words, stop: over)
        #expect(throws: ImagingError.outOfTime) { try late.fit(into: target, least: 0.35) }
    }

    @Test func contrastIsThatOfWCAG() {
        #expect(abs(Colour.contrast(.black, .white) - 21) < 0.01)
        #expect(abs(Colour.contrast(Colour(red: 119, green: 119, blue: 119), .white) - 4.48) < 0.01)
        let grey = Colour(red: 150, green: 150, blue: 150)
        #expect(Colour.contrast(grey.readable(on: .white), .white) >= 4.5)
        #expect(grey.readable(on: .black) == grey)
    }

    @Test func unknownCharactersAreCounted() {
        #expect(TextLayout("plain", TextFace(), size: 20).unknownGlyphs == 0)
        #expect(TextLayout("\u{13080}\u{13081}", TextFace(), size: 20).unknownGlyphs == 2)
    }

    @Test func aWordThatWasSeenFarTooHighIsAsHighAsItsLine() {
        func word(_ text: String, _ x: Int, _ y: Int, _ width: Int, _ height: Int) -> RecognizedWord {
            let box = WordBox(x: x, y: y, width: width, height: height)
            return RecognizedWord(text: text, box: box, confidence: 90, line: 0, pass: "page")
        }
        let size = PixelSize(width: 300, height: 100)
        let picture = Bitmap(size: size, bands: 1, pixels: Array(repeating: 200, count: size.pixels))
        let boxes = TightBoxes(picture, angle: 0)
        let line = [word("closes", 10, 41, 33, 9), word("late", 50, 41, 20, 9), word("evening", 90, 43, 44, 10)]
        let mended = boxes.tightened([line[0], word("in", 75, 39, 8, 19)] + line[1...])
        #expect(mended.map(\.box.height) == [9, 12, 9, 10])
        // Letters that are wider too are larger.
        let large = word("SALE", 140, 26, 90, 27)
        #expect(boxes.tightened(line + [large]) == line + [large])
    }

    private func word(_ text: String, _ box: (Int, Int, Int, Int), confidence: Double, line: Int) -> RecognizedWord {
        let box = WordBox(x: box.0, y: box.1, width: box.2, height: box.3)
        return RecognizedWord(text: text, box: box, confidence: confidence, line: line, pass: "page")
    }

    @Test func whatWasReadAgainWithinAWordIsNoTextOfItsOwn() {
        let search = word("Search", (320, 55, 112, 23), confidence: 96, line: 0)
        let rest = word("WEE", (398, 70, 37, 8), confidence: 80, line: 1)
        let small = word("of", (500, 60, 20, 8), confidence: 80, line: 2)
        #expect(Grouping.withoutFragments([[search], [rest], [small]]) == [[search], [small]])
        // A box that is far too high for its letters covers what stands in the next line.
        let high = word("second", (70, 87, 34, 28), confidence: 97, line: 3)
        let below = word("The", (72, 100, 21, 10), confidence: 95, line: 4)
        #expect(Grouping.withoutFragments([[high], [below]]) == [[high], [below]])
        // Boxes of one line may reach into each other.
        let (long, short) = (
            word("forest.", (374, 88, 64, 10), confidence: 96, line: 5),
            word("The", (417, 88, 21, 10), confidence: 95, line: 5),
        )
        #expect(Grouping.withoutFragments([[long, short]]) == [[long, short]])
        // What is surer is no rest, however large the other one is.
        let sure = word("WEE", (398, 70, 37, 8), confidence: 97, line: 1)
        #expect(Grouping.withoutFragments([[search], [sure]]) == [[search], [sure]])
    }

    @Test func labelsInOneRowArePartsAndLoneMarksAreNone() {
        let (open, file) = (
            word("Open", (29, 44, 49, 18), confidence: 96, line: 0),
            word("file", (84, 44, 30, 18), confidence: 96, line: 0),
        )
        let (dot, size) = (
            word(".", (359, 55, 6, 5), confidence: 77, line: 0),
            word("12", (600, 44, 22, 14), confidence: 96, line: 0),
        )
        #expect(Grouping.parts([open, file, dot, size]) == [[open, file], [size]])
    }

    @Test func aLineOfLowLettersBelongsToTheLineAboveIt() {
        let above = FoundLine([word("late for", (660, 572, 80, 17), confidence: 96, line: 0)])
        #expect(abs(above.em - 22) < 1)
        let low = FoundLine([word("years.", (660, 606, 65, 16), confidence: 96, line: 1)])
        #expect(above.isFollowed(by: low))
        let next = FoundLine([word("The lake", (660, 606, 80, 17), confidence: 96, line: 1)])
        #expect(!above.isFollowed(by: next))
    }

    @Test func aHeadingComesBeforeTheColumnsUnderIt() {
        func item(_ x: Int, _ y: Int, _ width: Int, _ height: Int, lines: Int) -> ReadingOrder.Item {
            ReadingOrder.Item(box: TextBox(x: x, y: y, width: width, height: height), lines: lines, em: 20)
        }
        let items = [
            item(400, 100, 300, 100, lines: 4), item(40, 230, 300, 100, lines: 4), item(40, 20, 660, 30, lines: 1),
            item(40, 100, 300, 100, lines: 4), item(400, 230, 300, 100, lines: 4),
        ]
        #expect(ReadingOrder(items).indices() == [2, 3, 1, 0, 4])
    }
}
