import Kernel
import Testing

@testable import MemeSearch

@Suite struct LexicalIndexTests {
    private static let words = [
        "when", "you", "finally", "finish", "finished", "finishing", "the", "production", "deploy", "deploying",
        "friday",
        "monday", "coffee", "cat", "cats", "tired", "café", "谈论天气", "好累", "bug", "bugs", "😂", "don't", "über",
    ]

    private func randomText(_ chance: inout SplitMix) -> String {
        (0..<Int.random(in: 0...9, using: &chance)).map { _ in Self.words.randomElement(using: &chance) ?? "" }
            .joined(separator: " ")
    }

    private func randomDocument(_ number: UInt32, _ chance: inout SplitMix) -> SearchDocument {
        var document = document(number, randomText(&chance))
        document.title = Bool.random(using: &chance) ? randomText(&chance) : ""
        document.tags = Bool.random(using: &chance) ? [randomText(&chance)] : []
        document.meaning = Bool.random(using: &chance) ? randomText(&chance) : ""
        return document
    }

    /// After any changes the index answers like a new one of the documents that are left.
    @Test func changesLeaveWhatANewIndexWouldHold() {
        for seed in 0..<20 as Range<UInt64> {
            var chance = SplitMix(state: seed)
            let changed = LexicalIndex()
            var left: [UInt32: SearchDocument] = [:]
            for _ in 0..<120 {
                let number = UInt32.random(in: 0..<40, using: &chance)
                if Int.random(in: 0..<3, using: &chance) == 0 {
                    changed.remove(number)
                    left[number] = nil
                } else {
                    let document = randomDocument(number, &chance)
                    changed.upsert(document)
                    left[number] = document
                }
            }
            let fresh = index(left.values.sorted { $0.number < $1.number })
            #expect(changed.count == left.count)
            for _ in 0..<15 {
                let query = randomText(&chance)
                #expect(changed.answer(query) == fresh.answer(query), "seed \(seed): \(query)")
            }
        }
    }

    /// Word shares against the formula, computed document by document without any table.
    @Test func wordSharesFollowTheFormula() {
        for seed in 0..<30 as Range<UInt64> {
            var chance = SplitMix(state: seed)
            let documents = (0..<25 as Range<UInt32>).map { randomDocument($0, &chance) }
            let index = index(documents)
            let naive = NaiveWordLeg(documents)
            let tokens = queryTokens(TextFolding.folded(randomText(&chance) + " prodction"))
            let shares = index.state.read { state in
                WordLeg(tokens, expandsKnown: true, completesLast: false, in: state).shares
            }
            let expected = naive.shares(tokens)
            for (found, wanted) in zip(shares, expected) { #expect(abs(found - wanted) < 1e-4, "seed \(seed)") }
        }
    }

    /// What stands there counts the same in a caption and in a page; one edit keeps six tenths.
    @Test func coverageCountsMisspellingsLessAndDoesNotFallWithTheLength() {
        let long = "broken production " + (0..<200).map { "filler\($0)" }.joined(separator: " ")
        let index = index(["production broken", long, "nothing of it"])
        func coverage(_ query: String) -> [Float] {
            index.state.read { state in
                let tokens = queryTokens(TextFolding.folded(query))
                return WordLeg(tokens, expandsKnown: true, completesLast: false, in: state).coverage
            }
        }
        #expect(coverage("production broken") == [1, 1, 0])
        for (found, expected) in zip(coverage("prodction brokn"), [0.6, 0.6, 0] as [Float]) {
            #expect(abs(found - expected) < 1e-6)
        }
        let partly = coverage("production qwertyuiop")[0]
        #expect(partly > 0 && partly < 0.5, "a word that nobody wrote weighs most")
    }

    @Test func misspellingsAreFoundWithinTheAllowedEdits() {
        var chance = SplitMix(state: 3)
        let letters = Array("abcde")
        let words = Set(
            (0..<600).map { _ in
                String(
                    (0..<Int.random(in: 2...9, using: &chance)).compactMap { _ in letters.randomElement(using: &chance)
                    }
                )
            }
        ).sorted()
        var vocabulary = Vocabulary()
        for (place, word) in words.enumerated() { vocabulary.insert(word, place: Int32(place)) }
        for word in words.prefix(200) {
            let expected = words.indices.filter {
                words[$0] != word && naiveDistance(word, words[$0]) <= allowedEdits(length: word.count)
            }
            #expect(vocabulary.misspellings(of: word).map { Int($0.place) } == expected, "\(word)")
        }
    }

    static let forgivingCases: [(query: String, expected: UInt32)] = [
        ("prodction", 0), ("prodcution brocken", 0), ("deplyo", 1), ("crying", 2), ("cafe", 3), ("天气", 4), ("气", 4),
        ("product", 0), ("oduction", 0),
    ]

    @Test("misspelt, inflected and partial words find their meme", arguments: forgivingCases)
    func forgiving(query: String, expected: UInt32) {
        let index = index([
            "I broke production again", "never deploy on friday", "why do you cry", "café au lait", "随便谈论天气吧",
            "something else entirely", "you and me",
        ])
        #expect(index.found(query).first == expected)
    }

    @Test func shortWordsAreNotMisspelt() {
        #expect(index(["cat", "car", "bat"]).found("cat").first == 0)
        let state = index(["cot"]).state
        #expect(state.read { $0.vocabulary.misspellings(of: "cat").isEmpty })
    }

    @Test func lastWordMayBeUnfinished() {
        let index = index(["monday mood", "friday mood", "something"])
        var request = SearchRequest(SearchQuery("mood mon"))
        request.completesLastWord = true
        request.cutOff = .none
        #expect(MemeSearcher(index).search(request).hits.first?.number == 0)
        #expect(index.suggestions(for: "mo", count: 5) == ["mood", "monday"])
        #expect(index.suggestions(for: "M", count: 5) == ["mood", "monday"])
    }

    @Test func removedAndReplacedMemesAreNotFound() {
        let index = index(["tired cat", "tired dog"])
        index.remove(0)
        index.upsert(document(1, "hungry dog"))
        #expect(index.found("tired").isEmpty)
        #expect(index.found("hungry") == [1])
        #expect(index.count == 1 && !index.contains(0))
    }

    @Test func readersAndWritersMayMeet() async {
        let index = index((0..<200).map { "meme number \($0) tired" })
        await withTaskGroup(of: Int.self) { group in
            group.addTask {
                for number in 0..<200 as Range<UInt32> { index.upsert(document(number, "changed \(number) tired")) }
                return 0
            }
            group.addTask { (0..<50).reduce(0) { sum, _ in sum + index.found("tired changed", count: 5).count } }
            for await count in group where count > 0 { #expect(count == 250) }
        }
        #expect(index.found("changed", count: 300).count >= 100)
    }
}
