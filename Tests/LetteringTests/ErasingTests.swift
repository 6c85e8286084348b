import Imaging
import Testing

@testable import Lettering

@Suite(.timeLimit(.minutes(5))) struct ErasingTests {
    private func erased(_ name: String) async throws -> CleanPicture {
        let page = try await page(name)
        #expect(!page.blocks.isEmpty)
        return try await lettering.value.erase(page.blocks, from: page.picture)
    }

    @Test("on a ground of one colour nothing of the text is left, to the bit", arguments: ["sign", "bold", "labels"])
    func flat(name: String) async throws {
        #expect(try await erased(name).picture == Pictures.bitmap("\(name)-clean.png"))
    }

    @Test("a soft ground goes on under the text", arguments: ["soft", "shadow"])
    func soft(name: String) async throws {
        let clean = try await erased(name)
        let ratio = peakRatio(clean.picture, try await Pictures.bitmap("\(name)-clean.png"), in: clean.mask)
        #expect(ratio >= 35, "\(ratio) dB")
    }

    @Test("no letter can be read any more", arguments: ["meme", "soft", "shadow", "tilted", "angles", "left"])
    func residual(name: String) async throws {
        let clean = try await erased(name)
        let again = try await lettering.value.blocks(of: clean.picture.png())
        #expect(again.blocks.map(\.text) == [])
    }

    @Test("what the mask does not mark stays as it was", arguments: ["sign", "meme", "tilted", "clear"])
    func untouched(name: String) async throws {
        let clean = try await erased(name)
        #expect(clean.mask.pixels.contains(255))
        let changed = differences(clean.original, clean.picture)
        #expect(!changed.isEmpty)
        #expect(changed.allSatisfy { clean.mask.pixels[Int($0.y) * clean.mask.size.width + Int($0.x)] == 255 })
    }

    @Test func blocksThatAreLeftOutKeepTheirText() async throws {
        let page = try await page("labels")
        let clean = try await lettering.value.erase([page.blocks[1]], from: page.picture)
        let again = try await lettering.value.blocks(of: clean.picture.png())
        #expect(again.blocks.map(\.text) == ["Search", "Log out", "Dark mode"])
    }

    @Test func textOnATransparentGroundLeavesItTransparent() async throws {
        let clean = try await erased("clear")
        #expect(clean.picture.bands == 4)
        #expect(stride(from: 3, to: clean.picture.pixels.count, by: 4).allSatisfy { clean.picture.pixels[$0] == 0 })
    }
}
