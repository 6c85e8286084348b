import Imaging
import TestSupport
import Testing

@testable import OCR

/// Writing that nobody reads is told from pictures without words, and from words that are read.
@Suite(.timeLimit(.minutes(5))) struct ScriptLookTests {
    private func read(_ name: String, _ languages: [String] = ["eng"]) async throws -> Recognition {
        try await OCREngine(languages: languages).recognize(
            Pictures.vertical.value.bytes("\(name).png"),
            mode: .layout,
        )
    }

    @Test(arguments: ["lines", "columns"]) func charactersOfNoInstalledLanguageAreSeen(_ name: String) async throws {
        #expect(try await read(name).hasUnreadCharacters)
    }

    @Test func whoReadsSuchCharactersMissesNone() async throws {
        #expect(try await !read("lines", ["eng", "chi_sim"]).hasUnreadCharacters)
    }

    @Test(
        "words in Latin letters, numbers and pictures without words are none",
        arguments: [
            "latin", "numbers", "english", "texture", "mixed",
        ],
    )
    func othersAreNone(_ name: String) async throws {
        #expect(try await !read(name).hasUnreadCharacters)
    }

    @Test func noneAreLookedForWhereLettersAreRead() {
        func line(_ text: String, _ confidence: Double) -> ReadLine {
            let box = WordBox(x: 0, y: 0, width: 100, height: 20)
            return ReadLine([RecognizedWord(text: text, box: box, confidence: confidence, line: 0, pass: "page")])
        }
        #expect(ScriptLook.isWorthwhile(after: []))
        #expect(ScriptLook.isWorthwhile(after: [line("RRERE", 60), line("ED", 96)]))
        #expect(!ScriptLook.isWorthwhile(after: [line("RRERE", 60), line("STOP", 95)]))
        #expect(!ScriptLook.isWorthwhile(after: Array(repeating: line("unsure", 75), count: 7)))
    }
}
