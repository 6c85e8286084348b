import Testing

@testable import MemeSearch

@Suite struct LabelCountTests {
    @Test func theMostFrequentValuesComeFirstAndEqualOnesByName() {
        let index = LexicalIndex()
        for number in 1...6 {
            var document = SearchDocument(number: UInt32(number))
            document.tags = ["all", number < 4 ? "few" : "other", "only \(number)"]
            document.colors = ["red"]
            index.upsert(document)
        }
        let found = index.labels(of: ["tag", "color", "lib"], limit: 4)
        #expect(found["tag"]?.map(\.name) == ["all", "few", "other", "only 1"])
        #expect(found["tag"]?.map(\.count) == [6, 3, 3, 1])
        #expect(found["color"] == [LabelCount(name: "red", count: 6)])
        #expect(found["lib"] == nil)
    }
}
