import Kernel
import Synchronization

/// What runs in this process, so that it can be told to stop.
final class RunningJobs: Sendable {
    private struct Entry {
        let holder: ID<JobWorker>
        let stop: @Sendable () -> Void
        let abandon: @Sendable () -> Void
        var reason: StopReason?
    }

    /// A job may run here twice for a moment: a lost attempt that has not noticed, and the new one.
    private struct Key: Hashable {
        let id: ID<Job>
        let attempt: Int
    }

    private let entries = Mutex<[Key: Entry]>([:])
    private let living = Mutex<Set<ID<JobWorker>>>([])

    /// The workers of this process: their leases are no dead process's, and what they hold is waited for.
    var workers: [ID<JobWorker>] { living.withLock { Array($0) } }
    func isLiving(_ worker: ID<JobWorker>) -> Bool { living.withLock { $0.contains(worker) } }
    func addWorker(_ worker: ID<JobWorker>) { living.withLock { _ = $0.insert(worker) } }
    func removeWorker(_ worker: ID<JobWorker>) { living.withLock { _ = $0.remove(worker) } }

    /// - Parameters:
    ///   - job: The claim that runs.
    ///   - stop: Cancels the task.
    ///   - abandon: Lets the lane go on without the task's end.
    func add(
        _ job: ClaimedJob,
        stop: @escaping @Sendable () -> Void,
        abandon: @escaping @Sendable () -> Void,
    ) {
        let entry = Entry(holder: job.holder, stop: stop, abandon: abandon)
        entries.withLock { $0[Key(id: job.id, attempt: job.attempt)] = entry }
    }

    /// - Returns: Why the job was told to stop, if it was.
    func remove(_ job: ClaimedJob) -> StopReason? {
        entries.withLock { $0.removeValue(forKey: Key(id: job.id, attempt: job.attempt))?.reason }
    }

    /// Tells the attempts of one job to stop.
    func stop(_ id: ID<Job>, _ reason: StopReason) { stop(reason) { key, _ in key.id == id } }

    /// Tells one attempt to stop.
    func stop(_ job: ClaimedJob, _ reason: StopReason) {
        stop(reason) { key, _ in key.id == job.id && key.attempt == job.attempt }
    }

    /// Tells everything that a worker runs to stop.
    func stopAll(of holder: ID<JobWorker>, _ reason: StopReason) { stop(reason) { $1.holder == holder } }

    /// Goes on without whatever a worker still runs or tries to write.
    func abandonAll(of holder: ID<JobWorker>) {
        removeWorker(holder)
        for entry in entries.withLock({ $0.values.filter { $0.holder == holder } }) { entry.abandon() }
    }

    /// The first reason counts: a job that is cancelled while the worker stops stays cancelled.
    private func stop(_ reason: StopReason, where isMeant: (Key, Entry) -> Bool) {
        let stopped = entries.withLock { entries in
            let keys = entries.filter { isMeant($0.key, $0.value) && $0.value.reason == nil }.map(\.key)
            for key in keys { entries[key]?.reason = reason }
            return keys.compactMap { entries[$0]?.stop }
        }
        for stop in stopped { stop() }
    }
}
