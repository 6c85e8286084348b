import Synchronization

/// What this process knows of the breakers: looked up with every poll, and changed at once by what happens here, so
/// that no claim has to ask the table.
final class BreakerPanel: Sendable {
    private struct State {
        var paused: Set<String> = []
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

    func pause(_ kind: String) { state.withLock { _ = $0.paused.insert(kind) } }
    func resume(_ kind: String) { state.withLock { _ = $0.paused.remove(kind) } }
    func setPaused(_ kinds: Set<String>) { state.withLock { $0.paused = kinds } }
}
