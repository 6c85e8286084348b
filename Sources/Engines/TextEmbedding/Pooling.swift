/// How one vector is made of those of a text's tokens.
package enum Pooling: String, Sendable, CaseIterable {
    /// The first token's.
    case cls
    /// The mean of all tokens, as most sentence encoders do.
    case mean
    /// The model has done it.
    case none

    /// One vector of length 1 for each text of a batch.
    ///
    /// - Throws: ``TextEmbeddingError/noNumber`` when one is not finite or all zero.
    func vectors(_ output: Output<Float>, _ batch: TokenBatch, dimensions: Int) throws -> [[Float]] {
        let rank = self == .none ? 2 : 3
        guard output.shape.count == rank, output.shape[0] == batch.rows, output.shape[rank - 1] == dimensions else {
            throw TextEmbeddingError.failed("the model gave numbers in the shape \(output.shape)")
        }
        let stride = rank == 2 ? dimensions : output.shape[1] * dimensions
        return try batch.encodings.indices.map { row in
            let start = row * stride
            let tokens = self == .mean ? max(1, batch.encodings[row].ids.count) : 1
            var sum = Array(output.values[start..<(start + dimensions)])
            for token in 1..<max(1, tokens) {
                let offset = start + token * dimensions
                for index in 0..<dimensions { sum[index] += output.values[offset + index] }
            }
            return try unitLength(sum)
        }
    }
}

/// The vector of length 1 in the same direction.
private func unitLength(_ vector: [Float]) throws -> [Float] {
    let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard length.isFinite, length > 0 else { throw TextEmbeddingError.noNumber }
    return vector.map { $0 / length }
}
