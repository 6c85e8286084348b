import Database
import Kernel
import Synchronization
import Telemetry

/// Works off one queue with a number of lanes that may change. A lane takes a claimed job or claims a batch, runs one
/// job after another, and lets the next claim ride in the transaction that finishes the last one.
final class QueueLanes: Sendable {
    private struct State {
        /// Claimed and not begun.
        var claimed: [ClaimedJob] = []
        var isStopping = false
        /// How many lanes there shall be, and how many there are: a lane too many ends when its job has.
        var wanted: Int
        var lanes = 0
        /// Transactions under way that no lane waits for.
        var finishing = 0
        var ended: [CheckedContinuation<Void, Never>] = []
        var isEnded: Bool { isStopping && lanes == 0 && finishing == 0 }
        /// Whether the next lane that asks is to end.
        var isLeaving: Bool { isStopping || lanes > wanted }
    }

    let name: String
    let kinds: [String]
    let settings: QueueSettings
    private let jobs: JobQueue
    private let holder: @Sendable () -> ID<JobWorker>
    private let signal: WakeSignal
    private let state: Mutex<State>

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
        state = Mutex(State(wanted: settings.initialLanes))
        signal = WakeSignal(limit: settings.initialLanes)
    }

    /// Jobs may be there.
    func wake(_ count: Int = 1) { signal.signal(count) }

    /// Runs the lanes until ``stop()``, and returns when the last job has come to an end and is settled.
    func run() async {
        resize(to: state.withLock(\.wanted))
        await untilEnded()
    }

    /// Grows at once; shrinks as lanes come to the end of their jobs.
    func resize(to count: Int) {
        let count = max(1, count)
        let new: Int? = state.withLock { state in
            guard !state.isStopping, state.wanted != count || state.lanes < count else { return nil }
            state.wanted = count
            defer { state.lanes = max(state.lanes, count) }
            return max(0, count - state.lanes)
        }
        guard let new else { return }
        signal.setLimit(count)
        jobs.metrics.concurrency.set(Double(count), name)
        for _ in 0..<new { Task { await runLane() } }
        // One new lane looks for work, or one idle lane hears that it is too many and tells the next.
        signal.signal()
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
        var own: ClaimedJob?
        while let job = await nextJob(own) { own = await work(job) }
        endIfLast()
    }

    /// The next job to run, first of all the one that the lane has claimed for itself; `nil` when the lane ends.
    private func nextJob(_ own: ClaimedJob?) async -> ClaimedJob? {
        var own = own
        while true {
            if let job = own, state.withLock(\.isLeaving) {
                offer([job])
                own = nil
            }
            if leave() { return nil }
            if let job = own ?? takeClaimed() { return job }
            await signal.wait()
            if leave() {
                // The signal may have meant a job.
                signal.signal()
                return nil
            }
            // Every signal ends in a job or in a claim: one that only looked would be lost for the jobs behind.
            if let job = takeClaimed() { return job }
            own = await claim()
        }
    }

    /// Counts this lane out when the lanes stop or are too many.
    private func leave() -> Bool {
        state.withLock { state in
            guard state.isLeaving else { return false }
            state.lanes -= 1
            return true
        }
    }

    private func takeClaimed() -> ClaimedJob? {
        state.withLock { $0.claimed.isEmpty ? nil : $0.claimed.removeFirst() }
    }

    /// - Returns: The first of what was claimed, for this lane.
    private func claim() async -> ClaimedJob? {
        guard let claim = nextClaim else { return nil }
        let now = jobs.time.now
        do {
            let (claimed, hasMore) = try await jobs.database.transaction { [jobs] transaction in
                let claimed = try jobs.claim(claim, now: now, in: transaction)
                let isFull = claimed.count == claim.limit
                return (claimed, try isFull && transaction.first(JobStore.anyReady(claim.queue)) != nil)
            }
            return keep(claimed, hasMore: hasMore)
        } catch {
            // The poll wakes this lane again; without it a full disk would make it spin.
            jobs.log.warning("claim failed", ["queue": name, "error": "\(error)"])
            return nil
        }
    }

    /// `nil` when every kind is paused.
    private var nextClaim: Claim? {
        let kinds = jobs.breakers.claimable(kinds)
        return kinds.isEmpty ? nil : Claim(queue: name, kinds: kinds, limit: settings.batch, holder: holder())
    }

    /// Runs one job of a paused kind, if this process is the first to ask for it.
    func probe(_ kind: String) async throws {
        let claim = Claim(queue: name, kinds: [kind], limit: 1, holder: holder())
        note(try await jobs.claimProbe(claim, of: kind)).map { offer([$0]) }
    }

    /// Takes the first of what a lane has claimed for it, and has other lanes take the rest. `hasMore`: whether more may be
    /// waiting.
    private func keep(_ claimed: [ClaimedJob], hasMore: Bool) -> ClaimedJob? {
        guard let first = note(claimed) else { return nil }
        offer(Array(claimed.dropFirst()))
        if hasMore { signal.signal() }
        return first
    }

    /// - Returns: The first.
    private func note(_ claimed: [ClaimedJob]) -> ClaimedJob? {
        jobs.held.add(claimed)
        jobs.depths.leave(name, claimed.count)
        return claimed.first
    }

    /// Puts claimed jobs where the lanes find them.
    private func offer(_ claimed: [ClaimedJob]) {
        guard !claimed.isEmpty else { return }
        let isTooLate = state.withLock { state in
            if !state.isStopping { state.claimed += claimed }
            return state.isStopping
        }
        if isTooLate { return settle { [jobs] in await jobs.release(claimed) } }
        signal.signal(claimed.count)
    }

    /// - Returns: What this lane has claimed as its next.
    private func work(_ job: ClaimedJob) async -> ClaimedJob? {
        guard let definition = jobs.definition(job.kind), jobs.breakers.admits(job) else {
            await jobs.release([job])
            return nil
        }
        // Claimed before a long pause and given to others since: not even begun.
        guard job.holder == holder() else {
            jobs.held.remove([job])
            return nil
        }
        if job.isCancelRequested {
            await fail(job, definition, JobError.cancelled, .requested)
            return nil
        }
        // What the effect and the hooks enqueue goes on with the trace, too.
        return await Span.$current.withValue(jobs.beginSpan(job)) { await work(job, definition) }
    }

    private func work(_ job: ClaimedJob, _ definition: RegisteredJob) async -> ClaimedJob? {
        let start = jobs.time.now
        jobs.metrics.wait.observe(max(.zero, start - job.runAt), name)
        jobs.metrics.running.add(1, name)
        let end = await jobs.attempt(job, definition)
        jobs.metrics.running.add(-1, name)
        jobs.metrics.duration.observe(jobs.time.now - start, name, job.kind)
        switch end {
        case .worked(let effect): return await finish(job, definition, effect)
        case .failed(let error, let reason):
            await fail(job, definition, error, reason)
            return nil
        }
    }

    private func fail(_ job: ClaimedJob, _ definition: RegisteredJob, _ error: any Error, _ reason: StopReason?) async {
        await jobs.fail(job, definition, error, reason)
        forget(job)
    }

    private func forget(_ job: ClaimedJob) {
        jobs.held.remove([job])
        jobs.breakers.removeProbe(job)
    }

    /// While more jobs are claimed already, a lane goes on and lets the transaction run beside it: then many jobs
    /// share one commit. The last one carries the next claim and is waited for.
    private func finish(
        _ job: ClaimedJob,
        _ definition: RegisteredJob,
        _ effect: @escaping JobEffect,
    ) async -> ClaimedJob? {
        let (hasMore, isBehind, isLeaving) = state.withLock { state in
            let limit = state.wanted * settings.batch
            return (!state.claimed.isEmpty, state.finishing >= limit, state.isLeaving)
        }
        let claim = hasMore || isLeaving ? nil : nextClaim
        let settling: @Sendable () async -> ClaimedJob? = { [self] in
            let claimed = await jobs.succeed(job, definition, effect, claiming: claim)
            forget(job)
            // After a full batch more may be waiting: to look in every transaction would cost more than a claim in vain.
            return keep(claimed, hasMore: claimed.count == claim?.limit)
        }
        guard hasMore && !isBehind else { return await settling() }
        settle { _ = await settling() }  // it claims nothing
        return nil
    }

    /// Runs a transaction that no lane waits for.
    private func settle(_ work: @escaping @Sendable () async -> Void) {
        state.withLock { $0.finishing += 1 }
        Task { [self] in
            await work()
            state.withLock { $0.finishing -= 1 }
            endIfLast()
        }
    }

    /// Lets ``run()`` return when nothing is under way any more.
    private func endIfLast() {
        let waiting = state.withLock { state in
            guard state.isEnded else { return [CheckedContinuation<Void, Never>]() }
            defer { state.ended = [] }
            return state.ended
        }
        for waiter in waiting { waiter.resume() }
    }

    private func untilEnded() async {
        await withCheckedContinuation { continuation in
            let isEnded = state.withLock { state in
                if !state.isEnded { state.ended.append(continuation) }
                return state.isEnded
            }
            if isEnded { continuation.resume() }
        }
    }
}
