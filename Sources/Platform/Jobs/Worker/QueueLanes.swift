import Database
import Kernel
import Synchronization
import Telemetry

/// Works off one queue with a fixed number of lanes. A lane takes a claimed job or claims a batch, runs one job after
/// another, and lets the next claim ride in the transaction that finishes the last one.
final class QueueLanes: Sendable {
    private struct State {
        /// Claimed and not begun.
        var claimed: [ClaimedJob] = []
        var isStopping = false
        /// Transactions under way that no lane waits for.
        var finishing = 0
        var settled: [CheckedContinuation<Void, Never>] = []
    }

    let name: String
    private let kinds: [String]
    private let settings: QueueSettings
    private let jobs: JobQueue
    private let holder: @Sendable () -> ID<JobWorker>
    private let signal: WakeSignal
    private let state = Mutex(State())

    init(
        _ name: String,
        kinds: [String],
        settings: QueueSettings,
        jobs: JobQueue,
        holder: @escaping @Sendable () -> ID<JobWorker>,
    ) {
        self.name = name
        self.kinds = kinds
        self.settings = settings
        self.jobs = jobs
        self.holder = holder
        signal = WakeSignal(limit: settings.concurrency)
    }

    /// Jobs may be there.
    func wake(_ count: Int = 1) { signal.signal(count) }

    /// Runs the lanes until ``stop()``, and returns when the last job has come to an end and is settled.
    func run() async {
        await withTaskGroup { group in
            for _ in 0..<settings.concurrency { group.addTask { await self.runLane() } }
        }
        await untilSettled()
    }

    /// Begins no more jobs.
    ///
    /// - Returns: Those that were claimed and not begun.
    func stop() -> [ClaimedJob] {
        let rest = state.withLock { state in
            state.isStopping = true
            let rest = state.claimed
            state.claimed = []
            return rest
        }
        signal.close()
        return rest
    }

    private func runLane() async {
        while let job = await nextJob() { await work(job) }
    }

    /// The next job to run; `nil` when the lanes stop.
    private func nextJob() async -> ClaimedJob? {
        while !state.withLock(\.isStopping) {
            if let job = takeClaimed() { return job }
            await signal.wait()
            // Every signal ends in a job or in a claim: one that only looked would be lost for the jobs behind.
            if let job = takeClaimed() { return job }
            if !state.withLock(\.isStopping) { await claim() }
        }
        return nil
    }

    private func takeClaimed() -> ClaimedJob? {
        state.withLock { $0.claimed.isEmpty ? nil : $0.claimed.removeFirst() }
    }

    private func claim() async {
        let (claim, now) = (nextClaim, jobs.time.now)
        do {
            keep(
                try await jobs.database.transaction { [store = jobs.store] in
                    try store.claim(claim, now: now, in: $0)
                }
            )
        } catch {
            // The poll wakes this lane again; without it a full disk would make it spin.
            jobs.log.warning("claim failed", ["queue": name, "error": "\(error)"])
        }
    }

    private var nextClaim: Claim { Claim(queue: name, kinds: kinds, limit: settings.batch, holder: holder()) }

    /// Puts claimed jobs where the lanes find them. A full batch means that more may be waiting.
    private func keep(_ claimed: [ClaimedJob]) {
        guard !claimed.isEmpty else { return }
        jobs.held.add(claimed)
        jobs.depths.leave(name, claimed.count)
        let isTooLate = state.withLock { state in
            if !state.isStopping { state.claimed += claimed }
            return state.isStopping
        }
        if isTooLate { return settle { [jobs] in await jobs.release(claimed) } }
        signal.signal(claimed.count + (claimed.count == settings.batch ? 1 : 0))
    }

    private func work(_ job: ClaimedJob) async {
        guard let definition = jobs.definition(job.kind) else { return await jobs.release([job]) }
        // Claimed before a long pause and given to others since: not even begun.
        guard job.holder == holder() else { return jobs.held.remove([job]) }
        if job.isCancelRequested { return await fail(job, definition, JobError.cancelled, .requested) }
        let start = jobs.time.now
        jobs.metrics.wait.observe(max(.zero, start - job.runAt), name)
        jobs.metrics.running.add(1, name)
        let end = await jobs.attempt(job, definition)
        jobs.metrics.running.add(-1, name)
        jobs.metrics.duration.observe(jobs.time.now - start, name, job.kind)
        switch end {
        case .worked(let effect): await finish(job, definition, effect)
        case .failed(let error, let reason): await fail(job, definition, error, reason)
        }
    }

    private func fail(_ job: ClaimedJob, _ definition: RegisteredJob, _ error: any Error, _ reason: StopReason?) async {
        await jobs.fail(job, definition, error, reason)
        jobs.held.remove([job])
    }

    /// While more jobs are claimed already, a lane goes on and lets the transaction run beside it: then many jobs
    /// share one commit. The last one carries the next claim and is waited for.
    private func finish(_ job: ClaimedJob, _ definition: RegisteredJob, _ effect: @escaping JobEffect) async {
        let limit = settings.concurrency * settings.batch
        let (hasMore, isBehind, isStopping) = state.withLock {
            (!$0.claimed.isEmpty, $0.finishing >= limit, $0.isStopping)
        }
        let claim = hasMore || isStopping ? nil : nextClaim
        let settling: @Sendable () async -> Void = { [self] in
            keep(await jobs.succeed(job, definition, effect, claiming: claim))
            jobs.held.remove([job])
        }
        if hasMore && !isBehind { settle(settling) } else { await settling() }
    }

    /// Runs a transaction that no lane waits for.
    private func settle(_ work: @escaping @Sendable () async -> Void) {
        state.withLock { $0.finishing += 1 }
        Task { [self] in
            await work()
            let waiting = state.withLock { state in
                state.finishing -= 1
                guard state.finishing == 0 else { return [CheckedContinuation<Void, Never>]() }
                let waiting = state.settled
                state.settled = []
                return waiting
            }
            for waiter in waiting { waiter.resume() }
        }
    }

    private func untilSettled() async {
        await withCheckedContinuation { continuation in
            let isSettled = state.withLock { state in
                if state.finishing > 0 { state.settled.append(continuation) }
                return state.finishing == 0
            }
            if isSettled { continuation.resume() }
        }
    }
}
