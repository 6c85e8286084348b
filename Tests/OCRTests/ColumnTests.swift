import Imaging
import Kernel
import TestSupport
import Testing

@testable import OCR

/// Writing from top to bottom is told from lines, and from a page on its side.
@Suite(.timeLimit(.minutes(5))) struct ColumnTests {
    private func read(_ name: String, _ languages: [String] = ["eng", "chi_sim"]) async throws -> Recognition {
        try await OCREngine(languages: languages).recognize(
            Pictures.vertical.value.bytes("\(name).png"),
            mode: .layout,
        )
    }

    @Test(arguments: ["one", "bright", "small"]) func aSingleColumnIsSeen(_ name: String) async throws {
        let found = try await read(name)
        #expect(found.columns.count == 1 && found.words.isEmpty, "\(found)")
        let column = try #require(found.columns.first)
        #expect(column.box.height > 5 * column.box.width, "\(column.box)")
        let right = zip(column.text, "请勿吸烟注意安全").count { $0 == $1 }
        #expect(right >= 5, "\(column.text)")
    }

    @Test(arguments: [["eng", "chi_sim"], ["chi_sim"]]) func columnsAreReadFromRightToLeft(
        _ languages: [String]
    ) async throws {
        let found = try await read("three", languages)
        #expect(found.columns.count == 3 && found.words.isEmpty, "\(found)")
        #expect(found.columns.map(\.box.x) == found.columns.map(\.box.x).sorted(by: >))
        #expect(found.columns.map(\.text.count).allSatisfy { (8...12).contains($0) })
    }

    @Test func linesBesideAColumnAreRead() async throws {
        let found = try await read("mixed")
        #expect(found.text == "No smoking here\nThank you very much")
        #expect(found.columns.count == 1)
        #expect(found.columns.first.map { $0.box.x > 600 } == true)
    }

    @Test(arguments: ["level", "dense", "side", "latin", "numbers", "english"])
    func whatOnlyLooksLikeColumnsIsNone(_ name: String) async throws {
        #expect(try await read(name).columns.isEmpty)
    }

    @Test func whoReadsNoSuchCharactersSaysNothingOfThem() async throws {
        #expect(try await read("three", ["eng"]).columns.isEmpty)
    }
}
