import HTTPClient
import Kernel

/// A query and documents to scores: SiliconFlow, Jina, Cohere, and servers that answer like them.
enum RerankWire {
    static func exchange(_ query: String, _ documents: [String], _ entry: ModelEntry) -> WireExchange<[Float]> {
        var body: JSON = [
            "model": .string(entry.model.name), "query": .string(query), "documents": JSON(documents),
            "top_n": JSON(documents.count),
        ]
        // Cohere's second version refuses the field.
        if entry.kind != .cohere { body["return_documents"] = false }
        return WireExchange(request: entry.request("/rerank", body)) { json in
            let scores = try scores(json["results"]?.array ?? [], documents.count)
            return WireReply(answer: scores, inputTokens: tokens(json), outputTokens: 0)
        }
    }

    private static func scores(_ results: [JSON], _ count: Int) throws -> [Float] {
        var scores: [Float?] = Array(repeating: nil, count: count)
        for result in results {
            guard let index = result["index"]?.integer.map({ Int($0) }), scores.indices.contains(index),
                scores[index] == nil, let score = result["relevance_score"]?.number, score.isFinite
            else { throw WireProblem.lie("a result has no index of its own or no score") }
            scores[index] = Float(score)
        }
        let found = scores.compactMap { $0 }
        guard found.count == count else { throw WireProblem.lie("\(found.count) scores for \(count) documents") }
        return found
    }

    /// SiliconFlow has had two shapes, Jina a third.
    private static func tokens(_ json: JSON) -> Int? {
        let places = [
            json["tokens"]?["input_tokens"], json["meta"]?["tokens"]?["input_tokens"], json["usage"]?["total_tokens"],
        ]
        return places.lazy.compactMap { $0?.tokens }.first
    }
}
