import Imaging
import Testing

@testable import Lettering

/// On which side lines are even, of blocks on pictures without text: what is erased leaves the ground.
@Suite struct AlignmentTests {
    private let size = PixelSize(width: 1_000, height: 400)

    private func picture(_ shade: (Int, Int) -> Int) -> Bitmap {
        let pixels = (0..<size.pixels).map { UInt8(shade($0 % size.width, $0 / size.width)) }
        return Bitmap(size: size, bands: 1, pixels: pixels)
    }

    private func block(
        _ text: String,
        _ box: (x: Int, y: Int, width: Int, height: Int),
        order: Int,
        angle: Double = 0,
        size: Double = 24,
    ) -> TextBlock {
        let box = TextBox(x: box.x, y: box.y, width: box.width, height: box.height)
        let line = TextLine(text: text, box: box, confidence: 1, words: [])
        let style = TextStyle(size: size)
        return TextBlock(
            box: box,
            angle: angle,
            order: order,
            lines: [line],
            text: text,
            confidence: 1,
            style: style,
        )
    }

    private func alignments(_ blocks: [TextBlock], in picture: Bitmap) -> [TextAlignment] {
        blocks.indices.map { AlignmentEstimate($0, of: blocks, in: picture).alignment }
    }

    @Test func aHeadlineInTheMiddleOfAPhotoIsCentred() {
        // Darker on one side: the colour changes all the way, but nowhere at once.
        let photo = picture { x, y in 60 + x / 6 + (x * 7 + y * 13) % 5 }
        #expect(
            alignments([block("Summer Festival", (300, 60, 400, 44), order: 0, size: 44)], in: photo) == [.centre]
        )
    }

    @Test func aSideThatAnotherTextHasByChanceIsNoReasonInTheMiddleOfARoom() {
        let blocks = [
            block("Science Evening", (245, 60, 510, 50), order: 0, size: 56),
            block("The clock has been late for years.", (70, 170, 684, 24), order: 1),
        ]
        #expect(alignments(blocks, in: picture { _, _ in 240 }).first == .centre)
    }

    @Test func aLineOfRunningTextIsEvenOnTheLeftThoughItFillsItsRoom() {
        let prose = "The library opens every morning at nine and closes late in the evening."
        #expect(alignments([block(prose, (70, 170, 857, 24), order: 0)], in: picture { _, _ in 240 }) == [.left])
        #expect(alignments([block("Late", (70, 170, 857, 24), order: 0)], in: picture { _, _ in 240 }) == [.centre])
    }

    @Test func whatStandsOnAnotherPanelHasNoSidesInCommon() {
        let panel = picture { x, y in (320..<620).contains(x) && (240..<320).contains(y) ? 120 : 20 }
        let blocks = [
            block("Share with friends", (321, 140, 209, 22), order: 0),
            block("Language", (411, 260, 119, 22), order: 1),
        ]
        #expect(alignments(blocks, in: panel) == [.left, .centre])
    }

    @Test func aLineAtAnAngleOfItsOwnHasItsMiddleWhereItIsMeantToBe() {
        let blocks = [
            block("Old Town Walk", (80, 40, 300, 30), order: 0),
            block("Wet paint", (120, 260, 180, 30), order: 1, angle: 9),
        ]
        #expect(alignments(blocks, in: picture { _, _ in 240 }) == [.left, .centre])
    }

    @Test func labelsInAColumnAreEvenOnTheLeft() {
        let blocks = [
            block("Search", (30, 40, 66, 15), order: 0), block("Your profile", (29, 110, 110, 18), order: 1),
            block("Volume", (30, 180, 70, 15), order: 2),
        ]
        #expect(alignments(blocks, in: picture { _, _ in 30 }) == [.left, .left, .left])
    }
}
