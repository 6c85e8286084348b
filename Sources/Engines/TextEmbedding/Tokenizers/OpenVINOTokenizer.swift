import Synchronization

/// Any other tokenizer, as openvino-tokenizers made a model of it (`pictor model import`). It adds no special tokens and
/// does not cut: both are done here.
final class OpenVINOTokenizer: Tokenizer {
    private static let batch = 64

    private let model: CompiledModel
    private let ids: Int
    private let mask: Int
    /// One for each thread that was ever here at the same time as others.
    private let idle = Mutex<[InferRequest]>([])

    /// `path`: The model's `.xml`.
    init(_ path: String, _ library: OpenVINO) throws {
        try library.loadTokenizers()
        model = try library.compile(path, ["NUM_STREAMS": "1", "INFERENCE_NUM_THREADS": "1"])
        let names = try model.outputNames()
        guard let ids = names.firstIndex(of: "input_ids"), let mask = names.firstIndex(of: "attention_mask") else {
            throw TextEmbeddingError.unusable(why: "The model's tokenizer gives no input_ids and attention_mask.")
        }
        (self.ids, self.mask) = (ids, mask)
    }

    func encode(_ texts: [String], limit: Int) throws -> [[Int32]] {
        let request = try idle.withLock { $0.popLast() } ?? model.request()
        defer { idle.withLock { $0.append(request) } }
        var encoded: [[Int32]] = []
        for start in stride(from: 0, to: texts.count, by: Self.batch) {
            encoded += try run(Array(texts[start..<min(texts.count, start + Self.batch)]), limit, request)
        }
        return encoded
    }

    private func run(_ texts: [String], _ limit: Int, _ request: InferRequest) throws -> [[Int32]] {
        // C ends a text at NUL, so what stands behind one would be lost.
        try request.run(texts: texts.map { $0.filter { $0 != "\0" } })
        let ids = try request.integers(at: ids)
        let mask = try request.integers(at: mask).values
        let length = ids.shape.last ?? 0
        return texts.indices.map { row in
            let columns = (row * length)..<((row + 1) * length)
            return columns.lazy.filter { mask[$0] != 0 }.prefix(limit).map { Int32(truncatingIfNeeded: ids.values[$0]) }
        }
    }
}
