import Kernel

/// What a model is for.
package enum ModelKind: String, Sendable, CaseIterable {
    case embedding, reranker
}

/// `model.json`, which stands beside a model's files and tells what they are.
package struct ModelManifest: Sendable, Equatable {
    /// Who cuts texts into tokens.
    package enum TokenizerKind: String, Sendable, CaseIterable {
        case openVINO = "openvino"
        case wordPiece = "wordpiece"
    }

    static let name = "model.json"
    static let convertedTokenizer = "openvino_tokenizer.xml"

    package var kind: ModelKind
    /// The model's file, `.xml` or `.onnx`.
    package var model: String
    /// Numbers in a vector; 1 for rerankers.
    package var dimensions: Int
    package var pooling: Pooling = .none
    /// What is read of a text, special tokens included.
    package var maxTokens: Int
    package var tokenizer: TokenizerKind
    /// Which of the model's outputs counts.
    package var output = 0
    /// The id of the token that fills rows up.
    package var padding: Int32 = 0
    package var queryPrefix = ""
    package var documentPrefix = ""
    /// The SHA-256 of each file, in hexadecimal digits.
    package var checksums: [String: String] = [:]
    /// As SPDX names it; empty when nobody said.
    package var license = ""
    /// Where the model comes from, for people.
    package var source = ""

    /// Twelve digits that change with everything that a vector depends on but precision and prefixes.
    package var fingerprint: String {
        let files = checksums.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return shortHash((files + [pooling.rawValue, "\(output)", "\(maxTokens)"]).joined(separator: "\n"))
    }
}

extension ModelManifest {
    /// - Throws: ``TextEmbeddingError/unusable(why:)`` naming the member that is missing or wrong.
    init(parsing bytes: [UInt8]) throws {
        guard let json = try? JSON(parsing: bytes) else {
            throw TextEmbeddingError.unusable(why: "The model's model.json is not JSON.")
        }
        func member<Value>(_ key: String, _ value: Value?) throws -> Value {
            guard let value else {
                throw TextEmbeddingError.unusable(why: "The model's model.json has no usable \(key).")
            }
            return value
        }
        func whole(_ key: String, _ range: ClosedRange<Int64>) throws -> Int {
            try Int(member(key, json[key]?.integer.flatMap { range.contains($0) ? $0 : nil }))
        }
        kind = try member("kind", json["kind"]?.string.flatMap(ModelKind.init))
        model = try member("model", json["model"]?.string)
        dimensions = try whole("dimensions", 1...65_536)
        pooling = try member("pooling", json["pooling"]?.string.flatMap(Pooling.init))
        maxTokens = try whole("max_tokens", 4...1_000_000)
        tokenizer = try member("tokenizer", json["tokenizer"]?.string.flatMap(TokenizerKind.init))
        output = json["output"]?.integer.flatMap { Int(exactly: $0) } ?? 0
        padding = json["pad_id"]?.integer.flatMap { Int32(exactly: $0) } ?? 0
        queryPrefix = json["query_prefix"]?.string ?? ""
        documentPrefix = json["document_prefix"]?.string ?? ""
        license = json["license"]?.string ?? ""
        source = json["source"]?.string ?? ""
        guard case .object(let files)? = json["sha256"] else { return }
        checksums = Dictionary(files.compactMap { file in file.value.string.map { (file.key, $0) } }) { $1 }
    }

    /// The file's text.
    var json: JSON {
        [
            "kind": .string(kind.rawValue), "model": .string(model), "dimensions": JSON(dimensions),
            "pooling": .string(pooling.rawValue), "max_tokens": JSON(maxTokens),
            "tokenizer": .string(tokenizer.rawValue), "output": JSON(output), "pad_id": JSON(Int(padding)),
            "query_prefix": .string(queryPrefix), "document_prefix": .string(documentPrefix),
            "sha256": .object(checksums.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }),
            "license": .string(license), "source": .string(source),
        ]
    }
}
