import Synchronization

/// How many texts a model was seen to take at once, where it refused more.
final class LearnedBatches: Sendable {
    private let sizes = Mutex<[ModelName: Int]>([:])

    /// At most `usual`.
    func size(_ name: ModelName, usual: Int) -> Int {
        sizes.withLock { min(usual, $0[name] ?? usual) }
    }

    /// So many were too many.
    func refused(_ name: ModelName, _ count: Int) {
        sizes.withLock { $0[name] = max(1, min($0[name] ?? count, count / 2)) }
    }
}
