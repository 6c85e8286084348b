/// What a text is for: models may want another prefix for each.
package enum EmbeddingPurpose: String, Sendable, CaseIterable {
    /// What somebody looks for. A few texts that must be answered fast.
    case query
    /// What is found. Many texts, where throughput counts.
    case document
}

/// Turns texts into vectors whose cosine tells how near their meanings are. Models on this machine and remote ones
/// implement it.
package protocol TextEmbedder: Sendable {
    /// Names everything that a vector depends on: provider, model with a hash of its files, dimensions, precision,
    /// prefixes. Vectors of different spaces must never be compared.
    var space: String { get }
    /// Numbers in each vector.
    var dimensions: Int { get }
    /// The vectors of `texts`, in their order, finite and of length 1. A text that is longer than the model reads is cut.
    ///
    /// - Throws: `CancellationError` when the task is cancelled, or a `Failure` that says whether to try again.
    func embed(_ texts: [String], as purpose: EmbeddingPurpose) async throws -> [[Float]]
}

/// Reads a query and a document together and tells how well they fit: slower and sharper than comparing vectors.
package protocol Reranker: Sendable {
    /// A score of 0…1 for each document, in their order; only the order of scores of one call means something.
    ///
    /// - Throws: As ``TextEmbedder/embed(_:as:)``.
    func scores(query: String, documents: [String]) async throws -> [Float]
}
