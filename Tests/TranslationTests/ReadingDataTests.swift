import HTTPServer
import Kernel
import TestSupport
import Testing

@testable import Translation

/// Languages that nothing here reads are refused in words, not translated from nothing.
@Suite(.timeLimit(.minutes(5))) struct ReadingDataTests {
    @Test(
        arguments: [
            ("ja", ["eng"], "tesseract-ocr-jpn"), ("zh-Hant", ["chi_sim"], "tesseract-ocr-chi-tra"),
            ("zh-Hant", ["chi_tra_vert"], nil), ("uk", ["eng"], "tesseract-ocr-ukr"), ("uk", ["rus"], nil),
            ("fa", ["ara"], nil), ("es", ["eng"], nil), ("vi", ["eng"], nil),
            ("ko", ["jpn", "eng"], "tesseract-ocr-kor"),
        ] as [(String, [String], String?)]
    )
    func package(code: String, installed: [String], expected: String?) throws {
        let language = try #require(Language(code))
        #expect(ReadingData.missingPackage(for: language, among: installed) == expected)
    }

    @Test func aTaskInSuchALanguageIsRefused() async throws {
        let spoken = Spoken().letterer
        let letterer = PictureLetterer(version: "english", languages: ["eng"], read: spoken.read, draw: spoken.draw)
        let model = WordList(name: "model", isRemote: true)
        let house = try await TranslationHouse(
            providers: [AnyPair(words: model)],
            letterer: letterer,
            hasWorker: false,
        )
        let file = [(name: "a.png", bytes: house.picture("hello"))]
        let answer = try await house.translate(file, [("target_language", "es"), ("source_language", "Japanese")])
        #expect(answer.status == 422 && answer.json["code"] == "unreadable_language", "\(answer.text)")
        #expect(answer.json["detail"]?.string?.contains("apt install tesseract-ocr-jpn") == true)
        #expect(
            try await house.translate(file, [("target_language", "es"), ("source_language", "fr")]).status == 200
        )
    }

    /// Gets from anywhere to anywhere.
    private struct AnyPair: TranslationProvider {
        let words: WordList
        var name: String { "model" }
        var version: String { "any-1" }
        var isRemote: Bool { true }
        func reach(from source: Language?, to target: Language) -> TranslationReach? { .model }
        func translate(_ order: TranslationOrder) async throws -> TranslationAnswer { try await words.translate(order) }
    }
}
