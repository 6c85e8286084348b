import SharedState
import TestSupport

/// The implementations that the contract is run against.
enum Backend: String, CaseIterable, Sendable {
    case memory

    func make(_ time: ManualTime) -> any SharedState {
        switch self {
        case .memory: MemorySharedState(time: time)
        }
    }
}
