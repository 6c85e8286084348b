import Kernel
import MemeSearch
import VectorIndex

/// The vectors of the active space, in memory.
struct VectorShelf: Sendable {
    let space: String
    let vectors: VectorIndex
    /// Of the model, or measured on the vectors themselves.
    let scale: CosineScale
}

extension CosineScale {
    /// Of a space of which nothing is known but some of its vectors; of too few, as MiniLM's.
    init(measuredOn vectors: [[Float]]) {
        guard vectors.count >= 50 else {
            self = .miniLM
            return
        }
        self.init(unrelated: zip(vectors, vectors.dropFirst(vectors.count / 2)).map { cosine($0, $1) })
    }
}

/// Of vectors of length 1.
private func cosine(_ left: [Float], _ right: [Float]) -> Float { zip(left, right).reduce(0) { $0 + $1.0 * $1.1 } }
