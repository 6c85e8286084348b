import HTTPServer
import OCR
import Testing
import Web

@testable import Memes

@Suite struct PagePartTests {
    @Test func aPlaceComesBackFromItsAddress() {
        let target = "/memes?q=caf%C3%A9+%22a%26b%22&lib=x+y&color=red&from=30&explain=1&min=none"
        let place = SearchPlace(Request(.get, target))
        #expect(place.text == "café \"a&b\"")
        #expect(place.filters == ["lib": "x y", "color": "red"])
        #expect(SearchPlace(Request(.get, place.url)) == place)
    }

    @Test(
        "what cannot be used is left out",
        arguments: ["from=-1", "from=x", "from=99999999999999999999", "tag=", "before=x"],
    )
    func edited(query: String) {
        let place = SearchPlace(Request(.get, "/memes?\(query)"))
        #expect((0...900).contains(place.offset))
        #expect(place.filters.isEmpty)
    }

    @Test func severalReadingsOfAWordAreMarkedOnce() throws {
        let reading = Recognition(
            words: [
                word("Monday,", x: 10, confidence: 60), word("MONDAY", x: 11, confidence: 95),
                word("tired", x: 100, confidence: 90), word("monday", x: 200, confidence: 90),
            ],
            width: 400,
            height: 300,
        )
        let marks = WordMarks(reading, answering: ["monday"])
        #expect(marks.boxes.map(\.x).sorted() == [11, 200])
        #expect(marks.html(isCut: true)?.description.contains("viewBox=\"0 0 400 300\"") ?? false)
        #expect(WordMarks(reading, answering: []).html(isCut: true) == nil)
    }

    @Test func chineseIsMarkedWhereverTheLineWasCut() {
        let reading = Recognition(
            words: [
                word("电梯停", x: 0, confidence: 90), word("层", x: 60, confidence: 90), word("两", x: 120, confidence: 90),
            ],
            width: 400,
            height: 300,
        )
        #expect(WordMarks(reading, answering: ["电梯", "两层"]).boxes.map(\.x).sorted() == [0, 60, 120])
    }

    @Test(arguments: [
        ("tired", ["eng"], nil), ("tired", [], "eng"), ("猫", ["eng"], "chi_sim"), ("猫", ["chi_tra"], nil),
        ("ねこ猫", ["chi_sim", "eng"], "jpn"), ("кот", ["eng"], "rus"), ("кот", ["ukr"], nil),
    ])
    func aScriptThatNobodyReadsIsMissed(text: String, languages: [String], expected: String?) {
        #expect(missingLanguage(for: text, among: languages)?.code == expected)
    }

    private func word(_ text: String, x: Int, confidence: Double) -> RecognizedWord {
        let box = WordBox(x: x, y: 10, width: 50, height: 20)
        return RecognizedWord(text: text, box: box, confidence: confidence, line: 0, pass: "a")
    }
}
