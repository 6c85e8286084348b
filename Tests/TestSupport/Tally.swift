import Synchronization

/// Counts what happens on other tasks and threads, for a test that waits for it.
package final class Tally: Sendable {
    private struct State {
        var count = 0
        var watchers: [(count: Int, wake: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    package init() {}

    /// Things that have happened so far.
    package var count: Int { state.withLock { $0.count } }

    /// Counts something that has just happened.
    package func add(_ amount: Int = 1) {
        let woken = state.withLock { state in
            state.count += amount
            let due = state.watchers.filter { $0.count <= state.count }
            state.watchers.removeAll { $0.count <= state.count }
            return due.map(\.wake)
        }
        for wake in woken { wake.resume() }
    }

    /// Returns when at least `count` things have happened.
    package func until(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.count >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}

/// Suspends until the task is cancelled, like a long poll to which nothing comes.
package func park() async {
    let (never, source) = AsyncStream<Void>.makeStream()
    for await _ in never {}
    source.finish()
}
