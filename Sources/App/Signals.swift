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

    /// Takes both signals over from the system, whichever thread they arrive on.
    init() {
        let ends = signalPipe
        for number in [SIGTERM, SIGINT] {
            // Runs between any two instructions: a write is all that is allowed there (signal-safety(7)).
            signal(number) { number in
                var byte = UInt8(truncatingIfNeeded: number)
                write(signalPipe.write, &byte, 1)
            }
        }
        signal(SIGPIPE, SIG_IGN)
        startThread(name: "signals") { [self] in
            var number: UInt8 = 0
            while read(ends.read, &number, 1) == 1 {
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

/// How the handler tells the thread. Masks would not do: threads of the runtime are there before any code of ours.
private let signalPipe: (read: Int32, write: Int32) = {
    var ends: [Int32] = [-1, -1]
    precondition(pipe(&ends) == 0, "no pipe for signals")
    return (ends[0], ends[1])
}()
