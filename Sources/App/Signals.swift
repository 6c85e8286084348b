import Glibc
import Kernel
import Synchronization

/// SIGTERM and SIGINT as something to wait for. The second one ends the process at once.
///
/// A handler and a pipe rather than a mask: a mask holds only for threads begun after it, and the threads of the
/// runtime are there first. One value per process.
final class Signals: Sendable {
    private struct State {
        var hasArrived = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    init() {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { fatalError("no pipe for signals: errno \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let readEnd = ends[0]
        pipeForSignals.store(ends[1], ordering: .releasing)
        for number in [SIGTERM, SIGINT] { signal(number, passOn) }
        signal(SIGPIPE, SIG_IGN)
        startThread(name: "signals") { [self] in
            var number: UInt8 = 0
            while read(readEnd, &number, 1) == 1 {
                if arrive() == false { _exit(128 + Int32(number)) }
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

private let pipeForSignals = Atomic<Int32>(-1)

/// Runs wherever the signal interrupts: only what signal-safety(7) allows. A handler must not change `errno`.
private func passOn(_ number: Int32) {
    let saved = errno
    var byte = UInt8(truncatingIfNeeded: number)
    _ = write(pipeForSignals.load(ordering: .relaxed), &byte, 1)
    errno = saved
}
