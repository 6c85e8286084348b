import FoundationEssentials
import HTTPClient
import Kernel

/// Texts to vectors.
enum EmbeddingWire {
    static func exchange(_ texts: [String], _ role: EmbeddingRole, _ entry: ModelEntry) -> WireExchange<[[Float]]> {
        let (count, dimensions) = (texts.count, entry.model.dimensions)
        if entry.kind == .cohere {
            return WireExchange(request: entry.request("/embed", cohereBody(texts, role, entry))) { json in
                let rows = json["embeddings"]?["float"]?.array ?? []
                let tokens = json["meta"]?["billed_units"]?["input_tokens"]?.tokens
                let vectors = try rows.map { try unit(vector($0), dimensions) }
                guard vectors.count == count else {
                    throw WireProblem.lie("\(vectors.count) vectors for \(count) texts")
                }
                return WireReply(answer: vectors, inputTokens: tokens, outputTokens: 0)
            }
        }
        return WireExchange(request: entry.request("/embeddings", body(texts, role, entry))) { json in
            let usage = json["usage"]
            let tokens = usage?["prompt_tokens"]?.tokens ?? usage?["total_tokens"]?.tokens
            return WireReply(
                answer: try sorted(json["data"]?.array ?? [], count, dimensions),
                inputTokens: tokens,
                outputTokens: 0,
            )
        }
    }

    private static func body(_ texts: [String], _ role: EmbeddingRole, _ entry: ModelEntry) -> JSON {
        var body: JSON = ["model": .string(entry.model.name), "input": JSON(texts)]
        if KnownModels.takesDimensions(entry.model.name) { body["dimensions"] = JSON(entry.model.dimensions) }
        switch entry.kind {
        // A quarter of the bytes, and no digit is lost.
        case .openai: body["encoding_format"] = "base64"
        case .jina: body["task"] = role == .query ? "retrieval.query" : "retrieval.passage"
        case .zhipu: break
        default: body["encoding_format"] = "float"
        }
        return body
    }

    private static func cohereBody(_ texts: [String], _ role: EmbeddingRole, _ entry: ModelEntry) -> JSON {
        [
            "model": .string(entry.model.name), "texts": JSON(texts), "embedding_types": ["float"],
            "input_type": role == .query ? "search_query" : "search_document",
        ]
    }

    /// Whatever order they come in, each index must be there once.
    private static func sorted(_ rows: [JSON], _ count: Int, _ dimensions: Int) throws -> [[Float]] {
        guard rows.count == count else { throw WireProblem.lie("\(rows.count) vectors for \(count) texts") }
        var vectors: [[Float]?] = Array(repeating: nil, count: count)
        for (place, row) in rows.enumerated() {
            let index = row["index"].flatMap(\.integer).map { Int($0) } ?? place
            guard vectors.indices.contains(index), vectors[index] == nil else {
                throw WireProblem.lie("the index \(index) is not one of its own")
            }
            vectors[index] = try unit(vector(row["embedding"] ?? .null), dimensions)
        }
        return vectors.compactMap { $0 }
    }

    /// Numbers, or little-endian 32-bit floats in base64: either may come, whatever was asked for.
    private static func vector(_ json: JSON) throws -> [Float] {
        if let text = json.string {
            guard let bytes = Data(base64Encoded: text).map({ Array($0) }), bytes.count.isMultiple(of: 4) else {
                throw WireProblem.lie("a vector is no base64 of floats")
            }
            return stride(from: 0, to: bytes.count, by: 4).map { start in
                let bits = bytes[start..<start + 4].reversed().reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
                return Float(bitPattern: bits)
            }
        }
        guard let numbers = json.array else { throw WireProblem.lie("a vector is missing") }
        return try numbers.map { number in
            guard let number = number.number else { throw WireProblem.lie("a vector has something else than numbers") }
            return Float(number)
        }
    }

    /// The vector at length 1: shortened ones are not.
    private static func unit(_ vector: [Float], _ dimensions: Int) throws -> [Float] {
        guard vector.count == dimensions else {
            throw WireProblem.lie("a vector has \(vector.count) numbers and not \(dimensions)")
        }
        let length = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        guard length.isFinite, length > 1e-12 else { throw WireProblem.lie("a vector has no direction") }
        return vector.map { Float(Double($0) / length) }
    }
}
