import Kernel
import ObjectStore
import Telemetry
import TestSupport

/// The implementations that the contract is run against.
enum Backend: String, CaseIterable, Sendable {
    case local

    /// An empty store of its own, below `folder`, which must outlive it.
    func make(in folder: TemporaryFolder) throws -> any ObjectStore {
        switch self {
        case .local: try LocalObjectStore.open(root: folder.path + "/objects")
        }
    }
}

func key(_ text: String) throws -> ObjectKey {
    guard let key = ObjectKey(text) else { throw StorageError.badKey }
    return key
}

/// `count` bytes that differ from place to place, so that a shifted or repeated piece is seen.
func pattern(_ count: Int, seed: Int = 0) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 31 &+ $0 >> 8 &+ seed) ^ seed) }
}
