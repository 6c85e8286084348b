import Kernel
import Synchronization

/// What runs in this process, so that it can be told to stop.
///
/// Deadlines are kept here and watched by the worker's pulse: a sleeping task per job would leave its timer behind
/// until the deadline, however soon the job is done.
final class RunningJobs: Sendable {
    private struct Entry {
        let holder: ID<JobWorker>
        let stop: @Sendable () -> Void
        let abandon: @Sendable () -> Void
        /// When it is told to stop, or, when it was told, left to itself.
        var deadline: Timestamp
        var reason: StopReason?
    }

    /// A job may run here twice for a moment: a lost attempt that has not noticed, and the new one.
    private struct Key: Hashable {
        let id: ID<Job>
        let attempt: Int
    }

    private let time: any TimeSource
    private let abandonAfter: Duration
    private let wake: WakeRegistry
    private let entries = Mutex<[Key: Entry]>([:])
    private let living = Mutex<Set<ID<JobWorker>>>([])

    init(time: any TimeSource, abandonAfter: Duration, wake: WakeRegistry) {
        self.time = time
        self.abandonAfter = abandonAfter
        self.wake = wake
    }

    /// The workers of this process: their leases are no dead process's, and what they hold is waited for.
    var workers: [ID<JobWorker>] { living.withLock { Array($0) } }
    func isLiving(_ worker: ID<JobWorker>) -> Bool { living.withLock { $0.contains(worker) } }
    func addWorker(_ worker: ID<JobWorker>) { living.withLock { _ = $0.insert(worker) } }
    func removeWorker(_ worker: ID<JobWorker>) { living.withLock { _ = $0.remove(worker) } }

    /// - Parameters:
    ///   - job: The claim that runs.
    ///   - deadline: When it is told to stop.
    ///   - stop: Cancels the task.
    ///   - abandon: Lets the lane go on without the task's end.
    func add(
        _ job: ClaimedJob,
        deadline: Timestamp,
        stop: @escaping @Sendable () -> Void,
        abandon: @escaping @Sendable () -> Void,
    ) {
        let entry = Entry(holder: job.holder, stop: stop, abandon: abandon, deadline: deadline)
        entries.withLock { $0[Key(id: job.id, attempt: job.attempt)] = entry }
        wake.deadline(deadline)
    }

    /// - Returns: Why the job was told to stop, if it was.
    func remove(_ job: ClaimedJob) -> StopReason? {
        entries.withLock { $0.removeValue(forKey: Key(id: job.id, attempt: job.attempt))?.reason }
    }

    /// Tells the attempts of one job to stop.
    func stop(_ id: ID<Job>, _ reason: StopReason) { stop(reason) { key, _ in key.id == id } }

    /// Tells everything that a worker runs to stop.
    func stopAll(of holder: ID<JobWorker>, _ reason: StopReason) { stop(reason) { $1.holder == holder } }

    /// Tells jobs to stop whose time is over, and goes on without those that were told and did not hear.
    ///
    /// - Returns: When to look again; `nil` when nothing runs.
    func stopOverdue() -> Timestamp? {
        let now = time.now
        let deaf = entries.withLock { entries in
            let keys = entries.filter { $0.value.deadline <= now && $0.value.reason != nil }.map(\.key)
            return keys.compactMap { entries[$0]?.abandon }
        }
        for abandon in deaf { abandon() }
        stop(.timedOut) { $1.deadline <= now }
        return entries.withLock { $0.values.map(\.deadline).filter { $0 > now }.min() }
    }

    /// Goes on without whatever a worker still runs or tries to write.
    func abandonAll(of holder: ID<JobWorker>) {
        removeWorker(holder)
        for entry in entries.withLock({ $0.values.filter { $0.holder == holder } }) { entry.abandon() }
    }

    /// The first reason counts: a job that is cancelled while the worker stops stays cancelled.
    private func stop(_ reason: StopReason, where isMeant: (Key, Entry) -> Bool) {
        let patience = time.now + abandonAfter
        let stopped = entries.withLock { entries in
            let keys = entries.filter { isMeant($0.key, $0.value) && $0.value.reason == nil }.map(\.key)
            for key in keys {
                entries[key]?.reason = reason
                entries[key]?.deadline = patience
            }
            return keys.compactMap { entries[$0]?.stop }
        }
        if !stopped.isEmpty { wake.deadline(patience) }
        for stop in stopped { stop() }
    }
}
