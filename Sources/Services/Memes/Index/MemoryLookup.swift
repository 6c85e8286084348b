import Kernel
import MemeSearch
import Telemetry
import VectorIndex

/// Looks memes up in the index of this process.
struct MemoryLookup: MemeLookup {
    let index: MemeIndex
    let metrics: MemesMetrics
    /// A search burns CPU for milliseconds.
    let pool: WorkPool

    var generation: Int64 { index.generation }
    var count: Int { index.count }
    var space: String? { index.shelf?.space }

    func search(_ request: SearchRequest, vectors: [Int: [Float]]) async throws -> LookupAnswer {
        var request = request
        if let shelf = index.shelf {
            for (place, vector) in vectors { request.terms[place].dense = dense(vector, shelf) }
        }
        let (index, asked) = (index, request)
        let answer = try await pool.run { MemeSearcher(index.lexical).search(asked) }
        let ids = answer.hits.compactMap { hit in index.entry(hit.number).map { (hit.number, $0.id) } }
        return LookupAnswer(answer: answer, ids: Dictionary(uniqueKeysWithValues: ids))
    }

    private func dense(_ vector: [Float], _ shelf: VectorShelf) -> DenseSearch {
        DenseSearch(scale: shelf.scale) { [metrics] count, allowed in
            let startedAt = ContinuousClock.now
            let found = (try? shelf.vectors.searchHere(vector, count: count, allowed: allowed)) ?? []
            metrics.vectorSearch.observe(ContinuousClock.now - startedAt)
            return found.map { (number: $0.number, cosine: $0.cosine) }
        }
    }

    func numbers(of ids: [ID<Meme>]) -> [UInt32] { ids.compactMap(index.number(of:)) }

    func present(_ numbers: [UInt32]) -> Set<UInt32> { Set(numbers.filter { index.entry($0) != nil }) }

    func family(of meme: Meme, limit: Int) -> [ID<Meme>] {
        index.lexical.family(of: meme.number).prefix(limit).compactMap { index.entry($0)?.id }
    }

    func original(of meme: Meme) -> ID<Meme>? { index.lexical.original(of: meme.number).flatMap(index.entry)?.id }

    func labels(of filters: [String], limit: Int) -> [String: [LabelCount]] {
        index.lexical.labels(of: filters, limit: limit)
    }

    func suggestions(for prefix: String, count: Int) -> [String] {
        index.lexical.suggestions(for: prefix, count: count)
    }

    func newest(_ filter: SearchFilter, before number: UInt32?, limit: Int) -> [ID<Meme>] {
        guard let allowed = index.lexical.matching(filter) else { return [] }
        let numbers = allowed.filter { candidate in number.map { candidate < $0 } ?? true }.suffix(limit)
        return numbers.reversed().compactMap { index.entry($0)?.id }
    }

    func remove(_ number: UInt32) { index.remove([number]) }
}
