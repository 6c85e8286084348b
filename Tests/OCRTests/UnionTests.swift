import Testing

@testable import OCR

/// How the words of several passes become one list.
@Suite struct UnionTests {
    private func word(
        _ text: String,
        x: Int,
        _ confidence: Double,
        line: Int = 0,
        pass: String = "a",
    ) -> RecognizedWord {
        let box = WordBox(x: x, y: 10, width: 50, height: 20)
        return RecognizedWord(text: text, box: box, confidence: confidence, line: line, pass: pass)
    }

    @Test func aWordReadTwiceStaysOnceWithTheHigherConfidence() {
        var union = WordUnion()
        union.add([word("Storm", x: 0, 60)])
        union.add([word("STORM!", x: 4, 91, pass: "b")])
        #expect(union.words == [word("Storm", x: 0, 91)])
    }

    @Test func theSameWordElsewhereAndAnotherReadingOfAPlaceStay() {
        var union = WordUnion()
        union.add([word("storm", x: 0, 60)])
        union.add([word("storm", x: 300, 70, pass: "b"), word("stern", x: 0, 80, pass: "b")])
        #expect(union.words.map(\.text) == ["storm", "storm", "stern"])
    }

    @Test func aWordTwiceInOnePassStaysTwice() {
        var union = WordUnion()
        union.add([word("ha", x: 0, 90), word("ha", x: 10, 90)])
        #expect(union.words.count == 2)
    }

    @Test func overlapIsTheShareOfTheSmallerBox() {
        let large = WordBox(x: 0, y: 0, width: 100, height: 100)
        #expect(large.overlap(with: WordBox(x: 90, y: 0, width: 20, height: 10)) == 0.5)
        #expect(large.overlap(with: WordBox(x: 100, y: 0, width: 20, height: 10)) == 0)
        #expect(large.overlap(with: WordBox(x: 10, y: 10, width: 5, height: 5)) == 1)
    }

    @Test func aPassIsGoodWithFourSureWords() {
        let sure = (0..<4).map { word("w", x: 60 * $0, 86) }
        #expect(ReadingQuality(sure).isGood)
        #expect(!ReadingQuality(Array(sure.dropLast())).isGood)
        #expect(!ReadingQuality(sure + [word("w", x: 300, 50)]).isGood)
    }

    @Test func textHasALineForEachLineAndNoSpaceBetweenChineseCharacters() {
        let words = [
            word("我", x: 0, 90), word("睡觉", x: 60, 90), word("ok", x: 120, 90),
            word("next", x: 0, 90, line: 1), word("line", x: 60, 90, line: 1),
        ]
        #expect(Recognition(words: words, width: 1, height: 1).text == "我睡觉 ok\nnext line")
        #expect(Recognition(words: [], width: 1, height: 1).text.isEmpty)
    }
}
