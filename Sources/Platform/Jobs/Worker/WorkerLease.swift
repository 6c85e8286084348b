import Database
import Kernel
import Synchronization
import Telemetry

/// This worker's row: while its heartbeat goes on, the jobs it claimed are its own.
final class WorkerLease: Sendable {
    private let current: Mutex<ID<JobWorker>>
    private let jobs: JobQueue
    private let queues: [WorkerQueue]
    /// The name under which the worker listens for wake-ups; stays when the lease is renewed.
    let listener: ID<JobWorker>

    init(_ jobs: JobQueue, of queues: [WorkerQueue]) {
        self.jobs = jobs
        self.queues = queues
        listener = ID()
        current = Mutex(listener)
    }

    /// The holder that new claims carry.
    var id: ID<JobWorker> { current.withLock { $0 } }

    /// Registers the worker and gives back the jobs of the dead. Where one process works alone, everybody else is.
    func begin() async throws {
        let (id, now, room) = (self.id, jobs.time.now, jobs.settings.memoryRoom())
        let living = jobs.running.workers + [id]
        try await jobs.database.transaction { [jobs, queues] transaction in
            if jobs.store.engine.isSingleProcess { try jobs.leases.removeAll(but: living, in: transaction) }
            try jobs.leases.register(id, of: queues, room: room, now: now, in: transaction)
        }
        jobs.running.addWorker(id)
        try await jobs.recoverLost()
    }

    /// Says that this worker lives. When it was declared dead meanwhile (a long pause of the machine), its jobs are
    /// others' by now: they are told to stop, and the worker goes on under a new id.
    func beat() async throws {
        let (id, now, room) = (self.id, jobs.time.now, jobs.settings.memoryRoom())
        let isAlive = try await jobs.database.transaction { [jobs] in
            try jobs.leases.beat(id, room: room, now: now, in: $0)
        }
        guard !isAlive else { return }
        // Under the new name first: what was claimed under the old one is not even begun.
        let renewed = ID<JobWorker>()
        jobs.log.warning("lease lost", ["worker.id": "\(id)", "worker.renewed": "\(renewed)"])
        current.withLock { $0 = renewed }
        defer { jobs.running.stopAll(of: id, .leaseLost) }
        try await jobs.database.transaction { [jobs, queues] in
            try jobs.leases.register(renewed, of: queues, room: room, now: now, in: $0)
        }
        jobs.running.removeWorker(id)
        jobs.running.addWorker(renewed)
        // Claims between the names got nothing.
        for queue in jobs.kindsByQueue.keys { jobs.wake.ready(queue) }
    }

    /// Removes the worker; what it still holds goes back at once, without counting.
    func end() async {
        let id = self.id
        do {
            try await jobs.database.transaction { [jobs] transaction in
                try transaction.execute(LeaseStore.releaseAll(of: id))
                try jobs.leases.remove(id, in: transaction)
            }
        } catch {
            jobs.log.error("lease not ended", ["worker.id": "\(id)", "error": "\(error)"])
        }
        jobs.running.removeWorker(id)
    }
}
