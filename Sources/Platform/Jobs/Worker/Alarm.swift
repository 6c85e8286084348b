import Kernel
import Synchronization

/// A sleep until a deadline that can be cut short. One caller sleeps at a time.
final class Alarm: Sendable {
    private struct State {
        var isRung = false
        var deadline: Timestamp?
        var nap: OneShot<Void>?
    }

    private let state = Mutex(State())

    /// Ends the sleep, or the next one before it begins.
    func ring() {
        let nap = state.withLock { state in
            state.isRung = true
            return state.nap
        }
        nap?.fulfil(())
    }

    /// Ends the sleep when it would last beyond `moment`.
    func ring(noLaterThan moment: Timestamp) {
        if state.withLock({ $0.deadline.map { moment < $0 } ?? true }) { ring() }
    }

    /// Sleeps until `deadline` or a ring.
    func sleep(until deadline: Timestamp, _ time: any TimeSource) async {
        let nap = OneShot<Void>()
        let isRung = state.withLock { state in
            if !state.isRung {
                state.nap = nap
                state.deadline = deadline
            }
            return state.isRung
        }
        if !isRung {
            let timer = Task {
                try? await time.sleep(until: deadline)
                nap.fulfil(())
            }
            await nap.wait()
            timer.cancel()
        }
        state.withLock { $0 = State() }
    }
}
