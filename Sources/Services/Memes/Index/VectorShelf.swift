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
