import Imaging
import Testing

@testable import Lettering

/// Reading a finished picture again.
@Suite(.timeLimit(.minutes(5))) struct CheckingTests {
    private func checked(
        _ page: Page,
        by texts: [String],
        change: (inout LetteredPicture, inout CleanPicture) -> Void = { _, _ in },
    ) async throws -> [TextCheck?] {
        var clean = try await lettering.value.erase(page.blocks, from: page.picture)
        let items = zip(page.blocks, texts).map { BlockText(block: $0, text: $1) }
        var lettered = try await lettering.value.set(items, on: clean)
        change(&lettered, &clean)
        return try await lettering.value.check(items, lettered.outcomes, on: lettered.picture, clean)
    }

    @Test(
        "what was set well is read as it was set, and nothing of the source",
        arguments: ["sign", "meme", "soft", "tilted", "serif", "slant", "bright"],
    )
    func good(name: String) async throws {
        let page = try await page(name)
        let text = name == "meme" ? "NOW TEA" : "nueve ciruelas añejas"
        let checks = try await checked(page, by: page.blocks.map { _ in text })
        for check in checks {
            let check = try #require(check)
            #expect(check.residue == 0 && check.sourceLetters > 0)
            #expect(check.letters > 0 && check.errors * 10 <= check.letters, "\(check)")
        }
    }

    @Test func whatIsNotThereIsMissed() async throws {
        let page = try await page("sign")
        let checks = try await checked(page, by: ["nine yellow plums"]) { lettered, clean in
            lettered.picture = clean.picture
        }
        let check = try #require(checks.first ?? nil)
        #expect(check.errors == check.letters && check.letters == 15)
    }

    @Test func whatWasNotErasedIsFound() async throws {
        let page = try await page("sign")
        let checks = try await checked(page, by: ["plums"]) { _, clean in clean.picture = clean.original }
        let check = try #require(checks.first ?? nil)
        #expect(check.residue * 2 > check.sourceLetters)
    }

    @Test func aTextThatWasNotSetIsNotRead() async throws {
        let checks = try await checked(page("meme"), by: [String(repeating: "MANY WORDS ", count: 400)])
        #expect(checks == [nil])
    }

    @Test func lettersThatNoInstalledLanguageHasAreNotJudged() async throws {
        let checks = try await checked(page("sign"), by: ["تفاح أخضر"])
        let check = try #require(checks.first ?? nil)
        #expect(check.letters == 0 && check.errors == 0 && check.residue == 0)
    }

    @Test func theCropOfABlockIsLevelAndHoldsAllOfIt() async throws {
        let page = try await page("tilted")
        let lettering = try await lettering.value
        let crops = try await lettering.crops(of: Pictures.bytes("tilted.png"), around: page.blocks)
        #expect(crops.count == page.blocks.count)
        for (crop, block) in zip(crops, page.blocks) {
            let again = try await lettering.blocks(of: crop.file).blocks
            #expect(again.map(\.text) == [block.text])
            #expect(abs(again.first?.angle ?? 90) < 1)
        }
    }

    @Test(arguments: [
        ("Ärger, über Öl!", "arger uber ol", 0), ("Tiếng Việt", "tieng viet", 0), ("plums", "plumes", 1),
        ("plums", "", 5), ("", "ab", 2), ("Ж", "ж", 0),
    ])
    func lettersAreComparedWithoutCaseAndAccents(one: String, other: String, distance: Int) {
        #expect(PlainLetters(one).distance(to: PlainLetters(other)) == distance)
    }
}
