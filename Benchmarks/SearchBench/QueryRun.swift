import FoundationEssentials
import Kernel
import MemeSearch
import TextEmbedding

/// Answers queries about documents, with and without vectors, and says what every leg found: `bench_search.py` makes
/// figures of it.
struct QueryRun {
    let documents: String
    let queries: String
    let results: String

    /// Reads lines of JSON: documents with `number`, `text`, `caption`, `tags`, `emotions`, `colors` and `hash`; queries
    /// with `id`, `text`, perhaps `picture`, the number of a document, and perhaps `labelled`: only these search
    /// documents with tags, emotions and colours. Writes for each query what is found without any cut, and what is left
    /// of it after the product's.
    func run() async throws {
        let documents = try lines(of: documents)
        let (plain, labelled) = (LexicalIndex(), LexicalIndex())
        for document in documents {
            plain.upsert(SearchDocument(document, withLabels: false))
            labelled.upsert(SearchDocument(document, withLabels: true))
        }
        let embedder = try LocalEmbedder(home: .find(chosen: nil), model: "minilm", precision: .f32, lanes: 2)
        let vectors = try await embedder.embed(documents.map { $0["caption"]?.string ?? "" }, as: .document)
        let numbers = documents.map { UInt32($0["number"]?.integer ?? 0) }
        let space = Dictionary(uniqueKeysWithValues: zip(numbers, vectors))
        let hashes = Dictionary(uniqueKeysWithValues: zip(numbers, documents.map(\.hash)))
        var output = ""
        for query in try lines(of: queries) {
            let text = SearchQuery(query["text"]?.string ?? "")
            let vector = try await embedder.embed([text.text], as: .query)[0]
            let dense = DenseSearch(scale: .miniLM) { nearest(to: vector, in: space, $0, allowed: $1) }
            let index = query["labelled"]?.bool == true ? labelled : plain
            var result = query
            for (name, dense) in [("hybrid", dense), ("lexical", nil)] as [(String, DenseSearch?)] {
                var request = SearchRequest(text, dense: dense)
                if let number = query["picture"]?.integer {
                    request.terms = [SearchTerm(text: "", pictureHash: hashes[UInt32(number)] ?? nil)]
                    request.filter.excluded.insert(UInt32(number))
                }
                result = result.merging([name: answers(request, index)])
            }
            output += result.text + "\n"
        }
        try output.write(toFile: results, atomically: true, encoding: .utf8)
    }

    private func answers(_ request: SearchRequest, _ index: LexicalIndex) -> JSON {
        let searcher = MemeSearcher(index)
        var all = request
        all.count = 100
        all.collapse = .off
        all.cutOff = .none
        let uncut = searcher.search(all)
        var shown = request
        shown.count = 10
        let cut = searcher.search(shown)
        return [
            "intent": JSON(uncut.intent.rawValue),
            "hits": JSON(uncut.hits.map(\.json)),
            "shown": JSON(cut.hits.map { JSON(Int($0.number)) }),
        ]
    }

    private func lines(of path: String) throws -> [JSON] {
        try Data(contentsOf: URL(filePath: path)).split(separator: UInt8(ascii: "\n")).map {
            try JSON(parsing: Array($0))
        }
    }
}

/// By comparison with every vector: the index of vectors has figures of its own.
private func nearest(
    to query: [Float],
    in space: [UInt32: [Float]],
    _ count: Int,
    allowed: NumberSet?,
) -> [(number: UInt32, cosine: Float)] {
    let all = space.compactMap { number, vector -> (number: UInt32, cosine: Float)? in
        guard allowed?.contains(number) ?? true else { return nil }
        return (number, zip(query, vector).reduce(0) { $0 + $1.0 * $1.1 })
    }
    return Array(all.sorted { ($1.cosine, $0.number) < ($0.cosine, $1.number) }.prefix(count))
}

extension SearchDocument {
    fileprivate init(_ json: JSON, withLabels: Bool) {
        self.init(number: UInt32(json["number"]?.integer ?? 0))
        text = json["text"]?.string ?? ""
        pictureHash = json.hash
        guard withLabels else { return }
        tags = json["tags"]?.array?.compactMap(\.string) ?? []
        emotions = json["emotions"]?.array?.compactMap(\.string) ?? []
        colors = json["colors"]?.array?.compactMap(\.string) ?? []
    }
}

extension JSON {
    fileprivate var hash: UInt64? { self["hash"]?.string.flatMap { UInt64($0, radix: 16) } }
}

extension SearchHit {
    /// `[number, score, {leg: share}]`
    fileprivate var json: JSON {
        let shares = terms.compactMap { term -> (String, JSON)? in
            guard case .leg(let leg, _) = term.source else { return nil }
            return (leg.rawValue, JSON(term.share))
        }
        return JSON([JSON(Int(number)), JSON(score), .object(shares)])
    }
}
