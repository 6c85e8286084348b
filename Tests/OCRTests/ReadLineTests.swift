import Testing

@testable import OCR

/// What is taken for text.
@Suite struct ReadLineTests {
    private func line(_ confidence: Double, gap: Int) -> ReadLine {
        ReadLine(
            ["some", "words"].enumerated().map { index, text in
                RecognizedWord(
                    text: text,
                    box: WordBox(x: index * (50 + gap), y: 0, width: 50, height: 20),
                    confidence: confidence,
                    line: 0,
                    pass: "plain",
                )
            }
        )
    }

    @Test("unsure letters that lie far apart are specks", arguments: [(0, true), (620, true), (700, false)])
    func specks(gap: Int, isLikely: Bool) {
        #expect(line(60, gap: gap).isLikely(isWhole: true) == isLikely)
    }

    @Test func sureLettersMayLieFarApart() {
        #expect(line(80, gap: 700).isLikely(isWhole: true))
        #expect(!line(57, gap: 0).isLikely(isWhole: true))
    }
}
