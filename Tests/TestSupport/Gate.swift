import Synchronization

/// Something that tests wait for: opens once, for everybody, whether their tasks are cancelled or not.
package final class Gate: Sendable {
    private struct State {
        var missing: Int
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    /// - Parameter count: How many calls of ``open()`` it takes.
    package init(_ count: Int = 1) { state = Mutex(State(missing: count)) }

    package var isOpen: Bool { state.withLock { $0.missing <= 0 } }

    package func open() {
        let waiters = state.withLock { state in
            state.missing -= 1
            guard state.missing <= 0 else { return [CheckedContinuation<Void, Never>]() }
            let waiters = state.waiters
            state.waiters = []
            return waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when the gate is open.
    package func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if state.missing > 0 { state.waiters.append(continuation) }
                return state.missing <= 0
            }
            if isOpen { continuation.resume() }
        }
    }

    /// Opens it for one more and passes: a barrier.
    package func meet() async {
        open()
        await pass()
    }
}
