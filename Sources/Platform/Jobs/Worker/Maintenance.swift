import Database
import Kernel
import Synchronization
import Telemetry

/// Everything that goes by the clock: one loop for delayed jobs, schedules, dead processes and sweeping, which sleeps
/// until the next of them, and one for the heartbeat and the deadlines of running jobs, which must wait for none of them.
final class Maintenance: Sendable {
    private struct Due {
        var promotion: Timestamp?
        var schedules: [String: Timestamp]?
        var poll: Timestamp
        var reap: Timestamp
        var depths: Timestamp
        var scaling: Timestamp
        var monitors: Timestamp
        var isPrepared = false
        var sweep: Timestamp
    }

    private let jobs: JobQueue
    private let lease: WorkerLease
    private let alarm: Alarm
    private let pulse: Alarm
    private let lanes: [QueueLanes]
    private let isStopped = Atomic(false)

    init(_ jobs: JobQueue, _ lease: WorkerLease, alarm: Alarm, pulse: Alarm, _ lanes: [QueueLanes]) {
        self.jobs = jobs
        self.lease = lease
        self.alarm = alarm
        self.pulse = pulse
        self.lanes = lanes
    }

    /// Ends ``run()`` after the step it is at.
    func stop() {
        isStopped.store(true, ordering: .releasing)
        alarm.ring()
        pulse.ring()
    }

    func run() async {
        async let beating: Void = beat()
        await maintain()
        await beating
    }

    /// The lease was written a moment ago, and three beats fit into it.
    private func beat() async {
        var next = jobs.time.now + jobs.settings.lease / 3
        while !isStopped.load(ordering: .acquiring) {
            await pulse.sleep(until: min(next, jobs.running.stopOverdue() ?? next), jobs.time)
            guard next <= jobs.time.now, !isStopped.load(ordering: .acquiring) else { continue }
            next = jobs.time.now + jobs.settings.lease / 3
            await step("heartbeat") { try await lease.beat() }
        }
    }

    private func maintain() async {
        let now = jobs.time.now
        var due = Due(
            promotion: now,
            schedules: nil,
            poll: now,
            reap: now,
            depths: now,
            scaling: now,
            monitors: now,
            sweep: now,
        )
        while !isStopped.load(ordering: .acquiring) {
            await runDue(&due)
            await alarm.sleep(until: next(due), jobs.time)
            // A ring says that a job may be due sooner than known.
            due.promotion = min(due.promotion ?? jobs.time.now, jobs.time.now)
        }
    }

    private func runDue(_ due: inout Due) async {
        let now = jobs.time.now
        if let promotion = due.promotion, promotion <= now {
            due.promotion = now + jobs.settings.pollInterval
            await step("promotion") { due.promotion = try await jobs.promoteDue() }
        }
        await runSchedules(&due, now)
        if due.poll <= now {
            due.poll = now + jobs.settings.pollInterval
            await step("breakers") { try await readBreakers() }
            await step("poll") { try await jobs.poll(lanes.map(\.name), lease.id) }
        }
        await runHousekeeping(&due, now)
    }

    private func runSchedules(_ due: inout Due, _ now: Timestamp) async {
        if due.schedules == nil { await step("schedules") { due.schedules = try await jobs.prepareSchedules() } }
        for schedule in jobs.schedules {
            guard let at = due.schedules?[schedule.name], at <= now else { continue }
            await step("schedule") { due.schedules?[schedule.name] = try await jobs.fire(schedule, due: at) }
        }
    }

    private func readBreakers() async throws {
        for kind in try await jobs.readBreakers() {
            guard let lanes = lanes.first(where: { $0.kinds.contains(kind) }) else { continue }
            try await lanes.probe(kind)
        }
    }

    /// Gives every adaptive queue of this process its share of the lanes that all processes have together.
    private func rescale() async throws {
        var workers: [String: [QueueWorker]]?
        for lanes in lanes {
            guard case .adaptive(let policy) = lanes.settings.scaling else {
                let isPaused = jobs.breakers.claimable(lanes.kinds).isEmpty
                jobs.metrics.setLimitingFactor(isPaused ? .breakerOpen : .fixed, of: lanes.name)
                continue
            }
            let state = try await jobs.rescale(lanes.name, policy)
            jobs.metrics.setLimitingFactor(state.factor, of: lanes.name)
            if workers == nil { workers = try await jobs.workersByQueue() }
            let others = workers?[lanes.name] ?? []
            let share = laneShare(of: state.concurrency, for: lease.id, among: others.map(\.id))
            if let share { lanes.resize(to: share) }
        }
    }

    private func runHousekeeping(_ due: inout Due, _ now: Timestamp) async {
        if due.reap <= now {
            due.reap = now + min(.seconds(5), jobs.settings.lease / 3)
            await step("reaping") { try await jobs.reap() }
        }
        if due.scaling <= now {
            due.scaling = now + jobs.settings.scalingInterval
            await step("scaling") { try await rescale() }
        }
        if due.monitors <= now {
            due.monitors = now + .seconds(5)
            await step("monitors") {
                if !due.isPrepared {
                    try await jobs.prepareMonitors()
                    try await jobs.prepareBreakers()
                }
                due.isPrepared = true
                try await jobs.checkMonitors()
            }
        }
        if due.depths <= now {
            due.depths = now + .seconds(5)
            await step("depths") { try await jobs.measureDepths() }
        }
        if due.sweep <= now {
            due.sweep = now + .seconds(3600)
            await step("sweep") { try await jobs.sweepFinished() }
        }
    }

    private func next(_ due: Due) -> Timestamp {
        let now = jobs.time.now
        // A schedule that could not enqueue (its queue was full) is still in the past: it comes again with the poll.
        let schedules = (due.schedules ?? [:]).values.map { $0 <= now ? due.poll : $0 }
        let times =
            [due.poll, due.reap, due.depths, due.scaling, due.monitors, due.promotion ?? due.sweep] + schedules
        return times.reduce(due.sweep, min)
    }

    /// Runs one step; its failure is logged and hurts no other.
    private func step(_ name: String, _ work: () async throws -> Void) async {
        do {
            try await work()
        } catch {
            jobs.log.warning("worker maintenance failed", ["step": name, "error": "\(error)"])
        }
    }
}
