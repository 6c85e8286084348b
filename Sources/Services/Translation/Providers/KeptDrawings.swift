import Kernel
import Synchronization

/// What a model drew for those who wait for it without a task: the latest few, in memory. Equal pictures at the same time
/// get the same one.
final class KeptDrawings: Sendable {
    private static let limit = 16
    /// The latest last.
    private let drawings = Mutex<[(name: String, file: [UInt8])]>([])

    /// Keeps a drawing, and gives the name by which it is found; it is no key of a stored file.
    func keep(_ file: [UInt8]) -> String {
        let name = "kept:\(StoredDrawing.digest(of: file))"
        drawings.withLock { drawings in
            drawings.removeAll { $0.name == name }
            drawings.append((name, file))
            if drawings.count > Self.limit { drawings.removeFirst() }
        }
        return name
    }

    func find(_ name: String) -> [UInt8]? { drawings.withLock { $0.first { $0.name == name }?.file } }
}
