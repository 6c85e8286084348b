import Glibc
@testable import Imaging
import Testing

@testable import OCR

/// Blocks of lines at angles of their own, drawn as dashes.
@Suite struct TurnedPlaceTests {
    private let size = PixelSize(width: 900, height: 600)

    /// Four lines around each middle, 250 pixels wide.
    private func sheet(_ blocks: [(x: Int, y: Int, angle: Double)]) -> Sheet {
        var pixels = Array(repeating: UInt8(255), count: size.pixels)
        for block in blocks {
            let (sine, cosine) = (sin(block.angle * .pi / 180), cos(block.angle * .pi / 180))
            for dy in -110..<110 {
                for dx in -140..<140 {
                    let x = Double(dx) * cosine + Double(dy) * sine
                    let y = Double(dy) * cosine - Double(dx) * sine
                    guard abs(x) < 125, abs(y) < 52, Int(y + 952) % 30 < 14, Int(x + 900) % 12 < 8 else { continue }
                    pixels[(block.y + dy) * size.width + block.x + dx] = 0
                }
            }
        }
        return Sheet(size: size, pixels: pixels, scale: 1)
    }

    private func places(_ sheet: Sheet, page: Double = 0) -> [TurnedPlace] {
        TurnedPlace.all(in: [sheet], page: page, size: size).sorted { $0.angle < $1.angle }
    }

    @Test func blocksThatStandApartAreRegions() {
        let regions = InkRegion.all(of: sheet([(200, 150, 0), (650, 400, 9)]))
        #expect(regions.count == 2)
        #expect(regions.allSatisfy { abs($0.letterSize - 14) < 4 })
    }

    @Test func linesOfAPageAtOneAngleAreNoOtherPlaces() {
        #expect(places(sheet([(200, 150, 0), (650, 400, 0)])).isEmpty)
        #expect(places(sheet([(200, 150, 6), (650, 400, 6)]), page: 6).isEmpty)
    }

    @Test("a block that is turned is found with its angle and its place", arguments: [-14.0, -5, 2, 12])
    func turned(angle: Double) throws {
        let places = places(sheet([(200, 150, 0), (650, 400, angle)]))
        #expect(places.count == 1)
        let place = try #require(places.first)
        #expect(abs(place.angle - angle) < 0.4, "\(place.angle)")
        let middle = Turn(from: place.angle, to: 0, in: size).point(place.box.middle)
        #expect(abs(middle.x - 650) < 5 && abs(middle.y - 400) < 5, "\(middle)")
        #expect(abs(place.box.width - 250) < 12, "\(place.box)")
    }

    @Test func aLevelBlockOnATurnedPageIsFoundToo() throws {
        let places = places(sheet([(250, 150, 8), (650, 400, 0)]), page: 8)
        #expect(places.map(\.angle) == [0])
    }

    @Test func placesComeBackFromAnotherFrame() {
        let there = Turn(from: 4, to: -9, in: size).point((120, 500))
        let back = Turn(from: -9, to: 4, in: size).point(there)
        #expect(abs(back.x - 120) < 1e-9 && abs(back.y - 500) < 1e-9)
        let box = WordBox(x: 10, y: 20, width: 30, height: 40)
        #expect(Turn(from: 4, to: 4, in: size).box(around: box) == box)
    }

    @Test func numbersThatAreJoinedShareARoot() {
        var sets = DisjointSets(count: 5)
        sets.join(3, 4)
        sets.join(1, 3)
        #expect((0..<5).map { sets.root(of: $0) } == [0, 1, 2, 1, 1])
    }

    @Test func aPartIsWhatTheWholeTurnedSheetShowsThere() {
        let sheet = sheet([(450, 300, 7)])
        let whole = sheet.turnedBack(by: 7)
        let part = sheet.part(from: (x: 300, y: 250), PixelSize(width: 60, height: 40), turnedBack: 7)
        for y in 0..<40 {
            let start = (y + 250 - whole.origin.y) * whole.size.width + 300 - whole.origin.x
            #expect(Array(part.pixels[y * 60..<(y + 1) * 60]) == Array(whole.pixels[start..<start + 60]))
        }
    }
}
