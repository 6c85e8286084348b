import Kernel
import Synchronization

/// Ends waits at their moments, all with one sleeping task: a task for each would cost ten thousand of them more memory than
/// all else that they wait with.
final class Deadlines: Sendable {
    /// Names a wait; what ``remove(_:)`` takes.
    struct Wait: Sendable {
        fileprivate let deadline: Timestamp
        fileprivate let id: Int
    }

    private struct State {
        var waits: [Timestamp: [Int: @Sendable () -> Void]] = [:]
        var lastID = 0
        /// Wakes at the first deadline, or before.
        var sleeper: (until: Timestamp, task: Task<Void, Never>)?
    }

    private let state = Mutex(State())
    private let time: any TimeSource

    init(time: any TimeSource) { self.time = time }

    deinit { state.withLock { $0.sleeper }?.task.cancel() }

    /// So many milliseconds share a moment: each costs a look at all of them.
    private static let grain: Int64 = 50

    /// Calls `end` once at `deadline`, or up to 50 ms later, unless it is removed before.
    func add(_ deadline: Timestamp, _ end: @escaping @Sendable () -> Void) -> Wait {
        let deadline = Timestamp(milliseconds: (deadline.milliseconds + Self.grain - 1) / Self.grain * Self.grain)
        let (wait, later) = state.withLock { state in
            state.lastID += 1
            let wait = Wait(deadline: deadline, id: state.lastID)
            state.waits[deadline, default: [:]][wait.id] = end
            return (wait, sleep(until: deadline, &state))
        }
        later?.cancel()
        return wait
    }

    func remove(_ wait: Wait) {
        // What is let go outside of the lock may call back here.
        let (end, sleeper) = state.withLock { state in
            let end = state.waits[wait.deadline]?.removeValue(forKey: wait.id)
            if state.waits[wait.deadline]?.isEmpty == true { state.waits[wait.deadline] = nil }
            guard state.waits.isEmpty else { return (end, nil as Task<Void, Never>?) }
            defer { state.sleeper = nil }
            return (end, state.sleeper?.task)
        }
        sleeper?.cancel()
        _ = end
    }

    /// Has a task sleep until `deadline`, unless one does that wakes before.
    ///
    /// - Returns: One that sleeps for too long.
    private func sleep(until deadline: Timestamp, _ state: inout State) -> Task<Void, Never>? {
        guard state.sleeper.map({ deadline < $0.until }) ?? true else { return nil }
        let later = state.sleeper?.task
        let task = Task.detached { [weak self, time] in
            guard (try? await time.sleep(until: deadline)) != nil else { return }
            self?.end(at: deadline)
        }
        state.sleeper = (deadline, task)
        return later
    }

    private func end(at moment: Timestamp) {
        let ends = state.withLock { state in
            let due = state.waits.filter { $0.key <= moment }
            for deadline in due.keys { state.waits[deadline] = nil }
            // Somebody else may have begun to sleep since this one woke.
            if state.sleeper.map({ $0.until <= moment }) ?? true {
                state.sleeper = nil
                if let next = state.waits.keys.min() { _ = sleep(until: next, &state) }
            }
            return due.values.flatMap(\.values)
        }
        for end in ends { end() }
    }
}
