import Kernel
import Testing

@testable import MemeSearch

@Suite struct SearchQueryTests {
    @Test func wordsPhrasesAndFiltersAreTakenApart() {
        let query = SearchQuery("tired \"on Monday\" -cat color:Red,blue type:JPG -tag:dog")
        #expect(query.text == "tired on Monday")
        #expect(query.isQuoted)
        #expect(query.filter.phrases.map(\.folded) == ["on monday", "cat"])
        #expect(query.filter.phrases.map(\.isNegated) == [false, true])
        #expect(query.filter.labels.map(\.anyOf) == [["color:red", "color:blue"], ["type:jpeg"], ["tag:dog"]])
        #expect(query.filter.labels.map(\.isNegated) == [false, false, true])
    }

    static let plainCases: [(typed: String, text: String)] = [
        ("re:zero", "re:zero"),
        ("give-up", "give-up"),
        ("- alone", "alone"),
        ("an \"unfinished phrase", "an unfinished phrase"),
        ("ratio:banana", "ratio:banana"),
        ("color:", "color:"),
        ("\"\" x", "x"),
        ("tag:😂👍", ""),
    ]

    @Test("what is no part of the language counts as words", arguments: plainCases)
    func plain(typed: String, text: String) {
        #expect(TextFolding.folded(SearchQuery(typed).text) == TextFolding.folded(text))
    }

    @Test func fullWidthAndCurlyMarksWorkToo() {
        let query = SearchQuery("“好累” －猫 颜色 color：红")
        #expect(query.filter.phrases.map(\.folded) == ["好累", "猫"])
        #expect(query.filter.labels.map(\.anyOf) == [["color:red"]])
        #expect(query.text == "好累 颜色")
    }

    static let ratiosCases: [(text: String, inside: [Float], outside: [Float])] = [
        ("16:9", [1.78], [1.5]), ("wide", [1.5, 3], [1, 0]), ("tall", [0.5], [1, 0]), ("square", [1], [1.5, 0.5]),
        (">1.5", [2], [1.5, 1]), ("<1", [0.5], [1, 2, 0]), ("1.5", [1.5, 1.52], [1.6]),
    ]

    @Test("ratios", arguments: ratiosCases)
    func ratios(text: String, inside: [Float], outside: [Float]) throws {
        let range = try #require(SearchQuery("ratio:\(text)").filter.ratios.first?.range)
        #expect(inside.allSatisfy(range.contains))
        #expect(!outside.contains(where: range.contains))
    }

    @Test func longTextAndManyConditionsAreCut() {
        let query = SearchQuery(String(repeating: "-a ", count: 400))
        #expect(query.filter.conditions == SearchQuery.mostConditions)
        #expect(SearchQuery(String(repeating: "é", count: 900)).text.unicodeScalars.count == SearchQuery.longest)
    }

    @Test func noTextFailsToBeParsedAndSearched() {
        let index = index(["tired on monday", "谈论 红 \"quotes\"", "😂 lol", "a b c"])
        var chance = SplitMix(state: 7)
        for _ in 0..<3000 {
            let typed = hostileText(&chance)
            var request = SearchRequest(SearchQuery(typed))
            request.completesLastWord = Bool.random(using: &chance)
            let answer = MemeSearcher(index).search(request)
            #expect(answer.hits.allSatisfy { $0.score.isFinite }, "\(typed.debugDescription)")
        }
    }

    @Test func filtersRestrictWhatIsFound() {
        var cat = document(1, "so tired today", tags: ["cat"])
        cat.colors = ["red"]
        cat.type = "gif"
        cat.isAnimated = true
        (cat.width, cat.height) = (1600, 900)
        cat.libraries = ["Work"]
        var dog = document(2, "so tired tomorrow", tags: ["dog"])
        dog.colors = ["blue"]
        dog.type = "png"
        (dog.width, dog.height) = (500, 900)
        dog.emotions = ["exhausted"]
        let blank = document(3, "")
        let index = index([cat, dog, blank])
        let expected: [(String, [UInt32])] = [
            ("tired color:red", [1]), ("tired color:红", [1]), ("tired -color:red", [2]), ("tired type:animated", [1]),
            ("tired ratio:tall", [2]), ("tired -ratio:tall", [1]), ("tired lib:work", [1]), ("tired tag:DOG", [2]),
            ("tired -today", [2]), ("\"tired today\"", [1]), ("\"today tired\"", []), ("\"tire\"", []),
            ("emotion:tired", [2]), ("tag:累", [2]), ("text:none", [3]), ("text:some", [1, 2]), ("text:tomorrow", [2]),
            ("-tired", [3]), ("color:red,blue", [1, 2]), ("tired color:green", []),
        ]
        for (typed, numbers) in expected { #expect(index.found(typed).sorted() == numbers, "\(typed)") }
    }

    @Test func quotedChineseNeedsNoSpaces() {
        let index = index(["我不能随便谈论这个", "谈一下论文"])
        #expect(index.found("\"谈论\"") == [0])
        #expect(index.found("-谈论") == [1])
        #expect(index.found("谈论").first == 0)
        #expect(index.found("论").sorted() == [0, 1])
    }
}
