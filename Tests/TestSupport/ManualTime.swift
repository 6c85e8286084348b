import Kernel
import Synchronization

/// A clock that moves only when a test says so.
package final class ManualTime: TimeSource {
    private struct State {
        var now: Timestamp
        var sleepers: [Int: (deadline: Timestamp, wake: CheckedContinuation<Void, any Error>)] = [:]
        var nextSleeper = 0
        var watchers: [(count: Int, wake: CheckedContinuation<Void, Never>)] = []
        var followers: [@Sendable (Timestamp) -> Void] = []
    }

    private let state: Mutex<State>

    /// - Parameter start: 2026-01-01T00:00:00Z unless told otherwise.
    package init(_ start: Timestamp = Timestamp(milliseconds: 1_767_225_600_000)) {
        state = Mutex(State(now: start))
    }

    package var now: Timestamp { state.withLock { $0.now } }

    /// Moves the clock and wakes every sleeper whose time has come.
    package func advance(by duration: Duration) {
        let (now, followers, woken) = state.withLock { state in
            state.now = state.now + duration
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for key in due.keys { state.sleepers[key] = nil }
            return (state.now, state.followers, due.values.sorted { $0.deadline < $1.deadline }.map(\.wake))
        }
        for follow in followers { follow(now) }
        for wake in woken { wake.resume() }
    }

    /// Tells another clock, at once and whenever this one is moved, before a sleeper wakes.
    package func lead(_ follow: @escaping @Sendable (Timestamp) -> Void) {
        let now = state.withLock { state in
            state.followers.append(follow)
            return state.now
        }
        follow(now)
    }

    /// Returns when at least `count` tasks sleep on this clock: then what they did before is done.
    package func untilSleepers(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.sleepers.count >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// Returns when no task sleeps on this clock.
    package func untilNobodySleeps() async {
        while state.withLock({ !$0.sleepers.isEmpty }) { await Task.yield() }
    }

    package func sleep(until deadline: Timestamp) async throws {
        let key = state.withLock { state in
            state.nextSleeper += 1
            return state.nextSleeper
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                park(key, deadline, continuation)
            }
        } onCancel: {
            let sleeper = state.withLock { $0.sleepers.removeValue(forKey: key) }
            sleeper?.wake.resume(throwing: CancellationError())
        }
    }

    private func park(_ key: Int, _ deadline: Timestamp, _ wake: CheckedContinuation<Void, any Error>) {
        if Task.isCancelled { return wake.resume(throwing: CancellationError()) }
        let (isDue, watchers) = state.withLock { state -> (Bool, [CheckedContinuation<Void, Never>]) in
            if deadline <= state.now { return (true, []) }
            state.sleepers[key] = (deadline, wake)
            let seen = state.watchers.filter { $0.count <= state.sleepers.count }
            state.watchers.removeAll { $0.count <= state.sleepers.count }
            return (false, seen.map(\.wake))
        }
        if isDue { wake.resume() }
        for watcher in watchers { watcher.resume() }
        // A cancellation between the check above and the parking found no sleeper: end it here.
        if Task.isCancelled, let sleeper = state.withLock({ $0.sleepers.removeValue(forKey: key) }) {
            sleeper.wake.resume(throwing: CancellationError())
        }
    }
}
