import Glibc
import Kernel
import Synchronization

/// SIGTERM and SIGINT as something to wait for. The second one ends the process at once.
final class Signals: Sendable {
    private struct State {
        var hasArrived = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Call it first of all: threads started later inherit that these signals are not for them.
    init() {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGTERM)
        sigaddset(&set, SIGINT)
        pthread_sigmask(SIG_BLOCK, &set, nil)
        signal(SIGPIPE, SIG_IGN)
        startThread(name: "signals") { [self] in
            var set = sigset_t()
            sigemptyset(&set)
            sigaddset(&set, SIGTERM)
            sigaddset(&set, SIGINT)
            var number: Int32 = 0
            while sigwait(&set, &number) == 0 {
                if arrive() == false { _exit(128 + number) }
            }
        }
    }

    /// Returns when the first signal has come.
    func wait() async {
        await withCheckedContinuation { continuation in
            let hasArrived = state.withLock { state in
                if !state.hasArrived { state.waiting.append(continuation) }
                return state.hasArrived
            }
            if hasArrived { continuation.resume() }
        }
    }

    /// - Returns: Whether this was the first.
    private func arrive() -> Bool {
        let (isFirst, waiting) = state.withLock { state in
            defer {
                state.hasArrived = true
                state.waiting = []
            }
            return (!state.hasArrived, state.waiting)
        }
        for continuation in waiting { continuation.resume() }
        return isFirst
    }
}
