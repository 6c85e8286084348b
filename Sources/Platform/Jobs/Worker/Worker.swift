import Database
import Kernel
import Synchronization
import Telemetry

/// Works off the queues of a ``JobQueue`` in this process. One per process is enough.
///
/// When the task of ``run()`` is cancelled, it claims nothing more, waits for running jobs up to
/// ``JobSettings/grace``, tells the rest to stop, and gives back what is left, so that another process or the next
/// start goes on at once.
package final class Worker: Service {
    package let name = "workers"
    private let jobs: JobQueue
    private let queues: Set<String>?

    /// - Parameters:
    ///   - jobs: The queue; its definitions are registered before ``run()``.
    ///   - queues: The queues to work off; `nil` for all that have a definition.
    package init(_ jobs: JobQueue, queues: Set<String>? = nil) {
        self.jobs = jobs
        self.queues = queues
    }

    /// Works until the task is cancelled; then running jobs have the grace to end, and go back to the queue after it.
    package func run() async throws {
        let kinds = jobs.kindsByQueue.filter { queues?.contains($0.key) ?? true }
        let lease = WorkerLease(jobs, of: kinds.keys.sorted().map { WorkerQueue($0, jobs.settings.queue($0)) })
        let lanes = kinds.map { queue, kinds in
            QueueLanes(queue, kinds: kinds, settings: jobs.settings.queue(queue), jobs: jobs) { lease.id }
        }
        let (alarm, pulse) = (Alarm(), Alarm())
        let byName = Dictionary(uniqueKeysWithValues: lanes.map { ($0.name, $0) })
        jobs.wake.add(lease.id) { queue, count in
            byName[queue]?.wake(count)
        } due: { moment in
            alarm.ring(noLaterThan: moment)
        } deadline: { moment in
            pulse.ring(noLaterThan: moment)
        }
        defer { jobs.wake.remove(lease.listener) }
        try await lease.begin()
        _ = try await jobs.readBreakers()
        jobs.log.info(
            "workers start",
            ["worker.id": "\(lease.id)", "queues": byName.keys.sorted().joined(separator: " ")],
        )
        await work(lanes, lease, Maintenance(jobs, lease, alarm: alarm, pulse: pulse, lanes))
    }

    /// Lanes and maintenance run in tasks of their own, because a cancellation must not reach running jobs.
    private func work(_ lanes: [QueueLanes], _ lease: WorkerLease, _ maintenance: Maintenance) async {
        let working = lanes.map { lanes in Task { await lanes.run() } }
        for lanes in lanes { lanes.wake() }
        let maintaining = Task { await maintenance.run() }
        let listening = Task { await listen(lanes, lease) }
        await untilCancelled()
        listening.cancel()
        await drain(lanes, working, lease)
        maintenance.stop()
        await maintaining.value
        await lease.end()
        jobs.log.info("workers stopped", ["worker.id": "\(lease.id)"])
    }

    /// Hears what other processes say; the poll finds what they could not say.
    private func listen(_ lanes: [QueueLanes], _ lease: WorkerLease) async {
        guard !jobs.store.engine.isSingleProcess else { return }
        for await announcement in jobs.database.announcements(WakeRegistry.Message.channel) {
            switch announcement {
            case .missed: for lanes in lanes { lanes.wake() }
            case .said(let text):
                switch WakeRegistry.Message(text, heardBy: jobs.wake.origin) {
                case .ready(let queue): jobs.wake.readyHere(queue)
                case .cancelled(let id): jobs.running.stop(id, .requested)
                case nil: break
                }
            }
        }
    }

    private func drain(_ lanes: [QueueLanes], _ working: [Task<Void, Never>], _ lease: WorkerLease) async {
        let isOver = OneShot<Void>()
        let (deadline, patience) = (jobs.time.now + jobs.settings.grace, jobs.settings.abandonAfter)
        let timer = Task { [jobs] in
            try await jobs.time.sleep(until: deadline)
            jobs.running.stopAll(of: lease.id, .workerStops)
            try await jobs.time.sleep(until: jobs.time.now + patience)
            jobs.running.abandonAll(of: lease.id)
        }
        for lanes in lanes { await jobs.release(lanes.stop()) }
        Task {
            for task in working { await task.value }
            isOver.fulfil(())
        }
        await isOver.wait()
        timer.cancel()
    }
}

/// Returns when the task is cancelled.
private func untilCancelled() async {
    let cancelled = OneShot<Void>()
    await withTaskCancellationHandler {
        await cancelled.wait()
    } onCancel: {
        cancelled.fulfil(())
    }
}
