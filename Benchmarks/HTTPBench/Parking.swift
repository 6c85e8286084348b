import Glibc
import Kernel
import Synchronization

/// Long polls that wait for an event: here the event is a moment of their own. One thread watches the clock, as one
/// source of events wakes many polls in the product.
final class Parking: Sendable {
    private struct State {
        var continuations: [Int: CheckedContinuation<Bool, Never>] = [:]
        var due: [Int64: [Int]] = [:]
        var lastID = 0
        /// The millisecond up to which everybody was woken.
        var clock = Timestamp.now().milliseconds
        var cancelled = 0
    }

    private let state = Mutex(State())

    /// How many wait, and how many left since the start.
    var counts: (parked: Int, cancelled: Int) { state.withLock { ($0.continuations.count, $0.cancelled) } }

    func start() {
        startThread(name: "clock") { [self] in
            while true {
                usleep(1000)
                wake(upTo: Timestamp.now().milliseconds)
            }
        }
    }

    /// Returns at `moment`, in milliseconds since 1970, or when the task is cancelled.
    func wait(until moment: Int64) async {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        let isWoken = await withTaskCancellationHandler {
            await withCheckedContinuation { park($0, id, moment) }
        } onCancel: {
            leave(id)
        }
        if !isWoken { state.withLock { $0.cancelled += 1 } }
    }

    private func park(_ continuation: CheckedContinuation<Bool, Never>, _ id: Int, _ moment: Int64) {
        state.withLock { state in
            state.continuations[id] = continuation
            state.due[max(moment, state.clock + 1), default: []].append(id)
        }
        if Task.isCancelled { leave(id) }
    }

    private func leave(_ id: Int) {
        state.withLock { $0.continuations.removeValue(forKey: id) }?.resume(returning: false)
    }

    private func wake(upTo now: Int64) {
        let woken = state.withLock { state in
            var woken: [CheckedContinuation<Bool, Never>] = []
            while state.clock < now {
                state.clock += 1
                for id in state.due.removeValue(forKey: state.clock) ?? [] {
                    if let continuation = state.continuations.removeValue(forKey: id) { woken.append(continuation) }
                }
            }
            return woken
        }
        for continuation in woken { continuation.resume(returning: true) }
    }
}
