import Synchronization

/// What this process knows of the breakers: looked up with every poll, and changed at once by what happens here, so
/// that no claim has to ask the table.
final class BreakerPanel: Sendable {
    private struct State {
        var paused: Set<String> = []
        /// Grows with every change that this process makes.
        var version = 0
        /// Jobs that half-open breakers have let through here.
        var probes: Set<HeldJobs.Key> = []
    }

    private let state = Mutex(State())

    /// Those of `kinds` that may be claimed.
    func claimable(_ kinds: [String]) -> [String] {
        state.withLock { state in state.paused.isEmpty ? kinds : kinds.filter { !state.paused.contains($0) } }
    }

    /// Whether a claimed job may begin.
    func admits(_ job: ClaimedJob) -> Bool {
        state.withLock { !$0.paused.contains(job.kind) || $0.probes.contains(HeldJobs.Key(job)) }
    }

    func isProbe(_ job: ClaimedJob) -> Bool { state.withLock { $0.probes.contains(HeldJobs.Key(job)) } }
    func addProbe(_ job: ClaimedJob) { state.withLock { _ = $0.probes.insert(HeldJobs.Key(job)) } }
    func removeProbe(_ job: ClaimedJob) { state.withLock { _ = $0.probes.remove(HeldJobs.Key(job)) } }

    func pause(_ kind: String) {
        state.withLock { state in
            state.paused.insert(kind)
            state.version += 1
        }
    }

    func resume(_ kind: String) {
        state.withLock { state in
            state.paused.remove(kind)
            state.version += 1
        }
    }

    /// To be taken before the table is read.
    var version: Int { state.withLock(\.version) }

    /// Takes over what the table says, unless this process changed something since the look began.
    ///
    /// - Returns: Whether it did.
    func setPaused(_ kinds: Set<String>, asOf version: Int) -> Bool {
        state.withLock { state in
            guard state.version == version else { return false }
            state.paused = kinds
            return true
        }
    }
}
