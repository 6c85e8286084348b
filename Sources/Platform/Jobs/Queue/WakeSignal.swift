import Synchronization

/// Wakes the idle lanes of a queue. A signal that finds nobody waiting is kept, so that none is lost between a look
/// at the table and the wait; more than `limit` are not kept, because no more lanes could follow them.
final class WakeSignal: Sendable {
    private struct State {
        var permits = 0
        var limit: Int
        var isClosed = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(limit: Int) { state = Mutex(State(limit: limit)) }

    /// For more or fewer lanes than there were.
    func setLimit(_ limit: Int) { state.withLock { $0.limit = limit } }

    func signal(_ count: Int = 1) {
        let woken = state.withLock { state in
            state.permits = min(state.limit, state.permits + max(0, count))
            let woken = Array(state.waiters.prefix(state.permits))
            state.waiters.removeFirst(woken.count)
            state.permits -= woken.count
            return woken
        }
        for waiter in woken { waiter.resume() }
    }

    /// Returns when a signal is there for this caller, or the signal is closed.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.isClosed { return true }
                if state.permits > 0 {
                    state.permits -= 1
                    return true
                }
                state.waiters.append(continuation)
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// Lets everybody go, now and later.
    func close() {
        let waiters = state.withLock { state in
            state.isClosed = true
            let waiters = state.waiters
            state.waiters = []
            return waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
