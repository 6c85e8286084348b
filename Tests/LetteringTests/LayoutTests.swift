import Imaging
import Testing

@testable import Lettering

/// What is told of the text of a picture.
@Suite(.timeLimit(.minutes(5))) struct LayoutTests {
    private func block(_ name: String) async throws -> TextBlock {
        let blocks = try await page(name).blocks
        #expect(blocks.count == 1, "\(blocks.map(\.text))")
        return try #require(blocks.first)
    }

    @Test func aSignIsOneBlockWithItsPlaceAndSize() async throws {
        let block = try await block("sign")
        #expect(block.text == "seven green apples")
        #expect(block.lines.map(\.text) == ["seven green apples"])
        #expect(block.confidence > 0.8 && block.confidence <= 1)
        #expect(abs(block.style.size - 40) < 2, "\(block.style.size)")
        #expect(block.style.colour.distance(to: Colour(red: 30, green: 40, blue: 90)) <= 8)
        #expect(block.style.stroke == nil)
        #expect(abs(block.box.x - 62) <= 3 && abs(block.box.bottom - 117) <= 12, "\(block.box)")
    }

    @Test("the face is told", arguments: ["sign", "bold", "serif", "slant"])
    func face(name: String) async throws {
        let style = try await block(name).style
        #expect(style.isBold == (name == "bold"))
        #expect(style.isSerif == (name == "serif"))
        #expect(style.isItalic == (name == "slant"))
    }

    @Test("the lines of a block and their alignment are told", arguments: ["left", "centre", "right"])
    func alignment(name: String) async throws {
        let block = try await block(name)
        #expect(block.lines.count == 3)
        #expect(block.text == "the water of the lake is cold until the end of June")
        #expect(block.style.alignment.rawValue == name)
        let pitch = try #require(block.style.linePitch)
        #expect(abs(pitch - 42) < 2, "\(pitch)")
    }

    @Test func brightTextOnADarkGround() async throws {
        let style = try await block("bright").style
        #expect(style.colour.distance(to: Colour(red: 255, green: 220, blue: 90)) <= 8)
    }

    @Test func thinLettersKeepTheTintThatJPEGSpreadOverTheirGround() async throws {
        let block = try #require(try await lettering.value.blocks(of: Pictures.bytes("tint.jpg")).blocks.first)
        #expect(block.text == "Recent documents")
        let colour = block.style.colour
        #expect(colour.distance(to: Colour(red: 40, green: 60, blue: 140)) <= 32, "\(colour)")
    }

    @Test func lettersThatTurningMadeDarkerHaveTheirOwnColour() async throws {
        let colour = try await block("overshot").style.colour
        #expect(colour.distance(to: Colour(red: 60, green: 60, blue: 60)) <= 16, "\(colour)")
    }

    @Test func theOutlineOfACaptionIsToldAndNotCountedIntoItsSize() async throws {
        let block = try await block("meme")
        #expect(block.text == "COFFEE FIRST")
        let stroke = try #require(block.style.stroke)
        #expect(stroke.colour.distance(to: .black) <= 40 && abs(stroke.width - 3) <= 1, "\(stroke)")
        #expect(block.style.colour.distance(to: .white) <= 8)
        #expect(abs(block.style.size - 48) < 5, "\(block.style.size)")
    }

    @Test func aCaptionInANarrowFaceIsAsLargeAsItIsHigh() async throws {
        let size = try await block("narrow").style.size
        #expect(abs(size - 38) < 2.5, "\(size)")
    }

    @Test func linesThatStandAskewAreTurnedBoxes() async throws {
        let page = try await page("tilted")
        #expect(page.blocks.map(\.text).joined(separator: " ") == "Tickets at the entrance and at every counter")
        let block = try #require(page.blocks.first)
        #expect(abs(block.angle - 8) < 0.5, "\(block.angle)")
        // The text began at (120, 130) before the picture was turned around its middle.
        let corner = TextPoint(x: 120, y: 137).turned(by: 8, around: TextPoint(x: 350, y: 200))
        let found = block.corners[0]
        #expect(abs(found.x - corner.x) < 8 && abs(found.y - corner.y) < 8, "\(found) and \(corner)")
    }

    @Test func blocksOfOnePictureStandAtAnglesOfTheirOwn() async throws {
        let blocks = try await page("angles").blocks
        #expect(blocks.map(\.text) == ["Harvest dinner in the garden", "Fresh lemonade", "Bring a blanket"])
        for (block, angle) in zip(blocks, [0, 11.0, -7]) { #expect(abs(block.angle - angle) < 0.5, "\(block.angle)") }
        // Each was turned around its own middle.
        for (block, middle) in zip(blocks.dropFirst(), [(230.0, 300.0), (570, 420)]) {
            let found = block.box.middle
            #expect(abs(found.x - middle.0) < 6 && abs(found.y - middle.1) < 6, "\(found)")
        }
        #expect(abs((blocks.dropFirst().first?.style.size ?? 0) - 38) < 3)
    }

    @Test func labelsSideBySideAreBlocksOfTheirOwnInRows() async throws {
        let blocks = try await page("labels").blocks
        #expect(blocks.map(\.text) == ["Search", "Settings", "Log out", "Dark mode"])
        #expect(blocks.map(\.order) == [0, 1, 2, 3])
    }

    @Test func columnsAreReadOneAfterTheOther() async throws {
        let blocks = try await page("columns").blocks
        #expect(blocks.count == 2)
        #expect(blocks.first?.text.hasPrefix("left column line 1 left column line 2") == true)
        #expect(blocks.last?.text.hasSuffix("right column line 5") == true)
    }

    @Test func aPictureStoredOnItsSideIsTurnedFirst() async throws {
        let page = try await lettering.value.blocks(of: Pictures.bytes("turned.jpg"))
        #expect(page.picture.size == PixelSize(width: 640, height: 200))
        #expect(page.blocks.map(\.text) == ["seven green apples"])
    }

    @Test func aPictureWithoutTextHasNoBlocks() async throws {
        #expect(try await page("plain").blocks.isEmpty)
    }
}
