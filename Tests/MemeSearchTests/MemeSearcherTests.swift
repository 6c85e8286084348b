import Kernel
import Testing

@testable import MemeSearch

@Suite struct MemeSearcherTests {
    /// A dense leg with fixed cosines.
    private func dense(_ cosines: [UInt32: Float]) -> DenseSearch {
        DenseSearch(scale: .miniLM) { count, allowed in
            cosines.filter { allowed?.contains($0.key) ?? true }.map { (number: $0.key, cosine: $0.value) }
                .sorted { ($1.cosine, $0.number) < ($0.cosine, $1.number) }.prefix(count).map { $0 }
        }
    }

    private func search(_ request: SearchRequest, in index: LexicalIndex) -> SearchAnswer {
        MemeSearcher(index).search(request)
    }

    @Test func contributionsAddUpToTheScore() {
        var chance = SplitMix(state: 5)
        let words = ["tired", "monday", "coffee", "cat", "deploy", "friday", "累"]
        let documents = (0..<60 as Range<UInt32>).map { number in
            var document = document(
                number,
                (0..<4).compactMap { _ in words.randomElement(using: &chance) }.joined(separator: " "),
            )
            document.emotions = Bool.random(using: &chance) ? ["sleepy"] : []
            document.pictureHash = chance.next()
            document.likes = Int.random(in: 0..<50, using: &chance)
            document.dislikes = Int.random(in: 0..<50, using: &chance)
            return document
        }
        let index = index(documents)
        var request = SearchRequest(terms: [
            SearchTerm(text: "tired mondya", weight: 1.5, dense: dense([1: 0.7, 2: 0.4])),
            SearchTerm(text: "coffee", weight: -0.5),
            SearchTerm(text: "", weight: 1, pictureHash: 0xFFFF),
        ])
        request.count = 40
        request.cutOff = .none
        let answer = search(request, in: index)
        #expect(answer.hits.count > 20)
        for hit in answer.hits {
            #expect(abs(hit.terms.reduce(0) { $0 + $1.contribution } - hit.score) < 1e-6)
            for term in hit.terms {
                #expect(abs(term.share * term.weight - term.contribution) < 1e-12)
                #expect((-1...1).contains(term.share))
            }
            #expect(abs(hit.score) <= 1.05)
        }
        #expect(answer.hits == answer.hits.sorted { ($1.score, $0.number) < ($0.score, $1.number) })
        #expect(answer == search(request, in: index), "equal requests have equal answers")
    }

    @Test func equalScoresAreOrderedByNumber() {
        #expect(index(["same words", "same words", "same words"]).found("same words") == [0, 1, 2])
    }

    @Test func meaningFindsWhatWordsDoNot() {
        let index = index(["exhausted at the start of the week", "tired of monday jokes", "cats"])
        var request = SearchRequest(SearchQuery("weary when work begins"), dense: dense([0: 0.75, 1: 0.2, 2: 0.05]))
        request.cutOff = .automatic
        let answer = search(request, in: index)
        #expect(answer.intent == .semantic)
        #expect(answer.hits.first?.number == 0)
        #expect(answer.hits.first?.terms.contains { $0.source == .leg(.dense, term: 0) } == true)
    }

    /// Every leg works inside the filter: the only match is found though a thousand better ones are filtered out.
    @Test func filtersHoldInsideEveryLeg() {
        var documents = (0..<1000 as Range<UInt32>).map { document($0, "tired cat") }
        var last = document(1000, "a cat that is tired of being looked for at the very end of a long text")
        last.libraries = ["mine"]
        documents.append(last)
        let index = index(documents)
        let near = Dictionary(uniqueKeysWithValues: (0...1000 as ClosedRange<UInt32>).map { ($0, Float(0.9)) })
        var request = SearchRequest(SearchQuery("tired cat lib:mine"), dense: dense(near))
        request.cutOff = .none
        #expect(search(request, in: index).hits.map(\.number) == [1000])
    }

    @Test func everyCandidateHasItsCosine() {
        // 200 nearer ones crowd the word match out of the first dense list.
        let index = index((0..<300).map { $0 == 299 ? "zebra" : "filler \($0)" })
        let cosines = Dictionary(uniqueKeysWithValues: (0..<300 as Range<UInt32>).map { ($0, 0.7 - Float($0) / 1000) })
        var request = SearchRequest(SearchQuery("zebra"), dense: dense(cosines))
        request.cutOff = .none
        let hit = search(request, in: index).hits.first
        #expect(hit?.number == 299)
        let share = hit?.terms.first { $0.source == .leg(.dense, term: 0) }?.share ?? 0
        #expect(abs(share - Double(CosineScale.miniLM.share(of: 0.7 - 0.299))) < 1e-6)
    }

    @Test func negativeTermsPushDown() {
        let index = index(["cat and dog", "cat alone here", "dog alone here"])
        var request = SearchRequest(terms: [SearchTerm(text: "cat"), SearchTerm(text: "dog", weight: -1)])
        request.cutOff = .none
        let hits = search(request, in: index).hits
        #expect(hits.first?.number == 1)
        #expect(hits.allSatisfy { $0.number == 1 || $0.score < (hits.first?.score ?? 0) })
        #expect(!hits.contains { $0.number == 2 && $0.score > 0 })
    }

    @Test func atMostTwoOfAFamilyAreShown() {
        let family = (0..<4 as Range<UInt32>).map {
            document($0, "one does not simply \($0)", hash: 0xF0F0 ^ (7 << (16 + 3 * UInt64($0))))
        }
        let other = document(9, "one does not simply walk", hash: 0xAAAA_AAAA_AAAA_AAAA)
        let index = index(family + [other])
        var request = SearchRequest(SearchQuery("one does not simply"))
        request.cutOff = .none
        let hits = search(request, in: index).hits
        #expect(hits.count == 3 && hits.contains { $0.number == 9 })
        #expect(hits.first { $0.number == 0 }?.hidden == 2)
        request.collapse = .off
        #expect(search(request, in: index).hits.count == 5)
        #expect(index.family(of: 0) == [1, 2, 3])
    }

    @Test func copiesAreShownOnce() {
        var copies = [
            document(1, "same picture"), document(2, "same picture"), document(3, "same  Picture!", hash: 7),
        ]
        copies[0].contentHash = 5
        copies[1].contentHash = 5
        copies.append(document(4, "same picture", hash: 6))
        var request = SearchRequest(SearchQuery("same picture"))
        request.cutOff = .none
        request.collapse = .exact
        #expect(search(request, in: index(copies)).hits.map(\.number) == [1, 3])
        #expect(!Families.areCopies(1, 1, texts: ("good morning", "good evening everybody")))
        #expect(Families.areCopies(1, 3, texts: ("", "")))
        #expect(!Families.areCopies(1, 0xF, texts: ("", "")))
        #expect(Families.areCopies(1, 1, texts: ("好累啊今天", "好累啊今天")))
    }

    @Test func nothingFitsWhenNothingFits() {
        let index = index(["tired on monday", "deploy on friday", "cats are liquid"])
        #expect(index.found("quantum chromodynamics lecture", cutOff: .automatic).isEmpty)
        #expect(index.found("tired on monday", cutOff: .automatic).first == 0)
    }

    @Test func picturesFindTheirLike() {
        let index = index([
            document(0, "x", hash: 0xFF), document(1, "y", hash: ~0xFF), document(2, "z", hash: 0xFE),
        ])
        var request = SearchRequest(terms: [SearchTerm(text: "", pictureHash: 0xFF)])
        request.collapse = .off
        #expect(search(request, in: index).hits.map(\.number) == [0, 2])
    }

    @Test func likesMoveAMemeALittle() {
        var disliked = document(0, "same words")
        disliked.dislikes = 1_000_000
        var liked = document(1, "same words")
        liked.likes = 1_000_000
        let hits = index([disliked, liked]).answer("same words").hits
        #expect(hits.map(\.number) == [1, 0])
        #expect(abs(hits[0].score - hits[1].score - 0.1) < 1e-9)
    }

    @Test func matchedWordsAreNamedAsTheMemeHasThem() {
        let hits = index(["I broke Production again", "other"]).answer("prodction broke").hits
        #expect(hits.first?.words == ["broke", "production"])
    }

    @Test func emotionsAreFoundInEitherLanguage() {
        var sleepy = document(0, "zzz")
        sleepy.emotions = ["exhausted"]
        let index = index([sleepy, document(1, "something")])
        #expect(index.found("好累啊", cutOff: .automatic) == [0])
        #expect(index.found("weary", cutOff: .automatic) == [0])
    }

    @Test func scalesAreMeasuredOnUnrelatedTexts() {
        let scale = CosineScale(unrelated: [0.6, 0.7, 0.65, 0.62, 0.68])
        #expect(scale.share(of: 0.6) == 0 && scale.share(of: 1) == 1 && scale.share(of: .nan) == 0)
        #expect(CosineScale(unrelated: []).ceiling > 0)
    }
}
