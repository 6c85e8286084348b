import Kernel

/// A model of this machine that turns texts into vectors.
package final class LocalEmbedder: TextEmbedder {
    package let space: String
    package let dimensions: Int
    private let model: LocalModel

    /// Loads a model; takes tenths of a second for small ones, so call it on a thread that may wait.
    ///
    /// `precision`: Part of ``space``: two machines that share an index must have the same.
    /// `lanes`: Threads for documents, at least 1: the cores. Queries have one of their own.
    /// Throws ``TextEmbeddingError``, whose message says what is missing and how to mend it.
    package convenience init(home: ModelHome, model: String, precision: Precision = .auto, lanes: Int) throws {
        try self.init(home.model(model, kind: .embedding), home, precision: precision, lanes: lanes)
    }

    init(_ folder: ModelFolder, _ home: ModelHome, precision: Precision, lanes: Int) throws {
        model = try LocalModel(folder, libraries: home.libraries, precision: precision, lanes: lanes)
        dimensions = folder.manifest.dimensions
        let prefixes = [folder.manifest.queryPrefix, folder.manifest.documentPrefix]
        let prefix = prefixes == ["", ""] ? "-" : shortHash(prefixes.joined(separator: "\0"))
        space = "local/\(folder.manifest.fingerprint)/\(dimensions)/\(model.precision.rawValue)/\(prefix)"
    }

    /// What OpenVINO says it calculates with, to see that the space tells the truth.
    package var actualPrecision: String { model.actualPrecision }

    package func embed(_ texts: [String], as purpose: EmbeddingPurpose) async throws -> [[Float]] {
        guard !texts.isEmpty else { return [] }
        switch purpose {
        case .query: return try await embedAtOnce(texts.map { model.manifest.queryPrefix + $0 })
        case .document: return try await embedInBulk(texts.map { model.manifest.documentPrefix + $0 })
        }
    }

    /// In one go on the thread for questions: no other work stands before it, and no thread is changed in between.
    private func embedAtOnce(_ texts: [String]) async throws -> [[Float]] {
        try await model.quick.run { [self] request in
            var vectors = [[Float]](repeating: [], count: texts.count)
            for batch in TokenBatch.make(try model.encode(texts)) {
                for (position, vector) in zip(batch.positions, try run(batch, request)) { vectors[position] = vector }
            }
            return vectors
        }
    }

    private func embedInBulk(_ texts: [String]) async throws -> [[Float]] {
        let batches = try await model.bulk.run { [model] _ in TokenBatch.make(try model.encode(texts)) }
        var vectors = [[Float]](repeating: [], count: texts.count)
        try await model.bulk.runAll(batches) { [self] in
            try run($0, $1)
        } collect: { batch, found in
            for (position, vector) in zip(batch.positions, found) { vectors[position] = vector }
        }
        return vectors
    }

    private func run(_ batch: TokenBatch, _ request: InferRequest) throws -> [[Float]] {
        try model.manifest.pooling.vectors(model.run(batch, request), batch, dimensions: dimensions)
    }
}

/// Twelve digits that no two different texts share by chance.
func shortHash(_ text: String) -> String { Digest.sha256(text.utf8).prefix(6).hexadecimal }
