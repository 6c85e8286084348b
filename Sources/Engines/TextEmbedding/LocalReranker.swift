import Glibc

/// A cross-encoder of this machine.
package final class LocalReranker: Reranker {
    private let model: LocalModel

    /// Loads a model; see ``LocalEmbedder/init(home:model:precision:lanes:)``.
    package convenience init(home: ModelHome, model: String, precision: Precision = .auto, lanes: Int) throws {
        try self.init(home.model(model, kind: .reranker), home, precision: precision, lanes: lanes)
    }

    init(_ folder: ModelFolder, _ home: ModelHome, precision: Precision, lanes: Int) throws {
        model = try LocalModel(folder, libraries: home.libraries, precision: precision, lanes: lanes)
    }

    package func scores(query: String, documents: [String]) async throws -> [Float] {
        guard !documents.isEmpty else { return [] }
        let batches = try await model.bulk.run { [model] _ in
            TokenBatch.make(try model.encode(query: query, documents: documents))
        }
        var scores = [Float](repeating: 0, count: documents.count)
        try await model.bulk.runAll(batches) { [self] in
            try run($0, $1)
        } collect: { batch, found in
            for (position, score) in zip(batch.positions, found) { scores[position] = score }
        }
        return scores
    }

    /// The logistic function of what the model gives, one number for each pair.
    private func run(_ batch: TokenBatch, _ request: InferRequest) throws -> [Float] {
        let output = try model.run(batch, request)
        guard output.values.count == batch.rows else {
            throw TextEmbeddingError.failed("the model gave numbers in the shape \(output.shape)")
        }
        return try output.values.map { value in
            guard value.isFinite else { throw TextEmbeddingError.noNumber }
            return 1 / (1 + expf(-value))
        }
    }
}
