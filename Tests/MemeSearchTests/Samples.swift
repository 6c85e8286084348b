import Kernel
import TestSupport

@testable import MemeSearch

func document(_ number: UInt32, _ text: String, tags: [String] = [], hash: UInt64? = nil) -> SearchDocument {
    var document = SearchDocument(number: number)
    document.text = text
    document.tags = tags
    document.pictureHash = hash
    return document
}

func index(_ documents: [SearchDocument]) -> LexicalIndex {
    let index = LexicalIndex()
    for document in documents { index.upsert(document) }
    return index
}

func index(_ texts: [String]) -> LexicalIndex {
    index(texts.enumerated().map { document(UInt32($0.offset), $0.element) })
}

extension LexicalIndex {
    /// Numbers in the order in which a person would see them.
    func found(_ typed: String, count: Int = 10, cutOff: SearchRequest.CutOff = .none) -> [UInt32] {
        answer(typed, count: count, cutOff: cutOff).hits.map(\.number)
    }

    func answer(_ typed: String, count: Int = 10, cutOff: SearchRequest.CutOff = .none) -> SearchAnswer {
        var request = SearchRequest(SearchQuery(typed))
        request.count = count
        request.cutOff = cutOff
        return MemeSearcher(self).search(request)
    }
}

/// A generator of the same numbers for the same seed.
struct Chance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
