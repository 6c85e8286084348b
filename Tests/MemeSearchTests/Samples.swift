import Kernel

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
