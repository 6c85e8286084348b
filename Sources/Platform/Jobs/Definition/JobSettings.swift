import Kernel

/// How a queue is worked off.
package struct QueueSettings: Sendable, Equatable {
    /// How many jobs of the queue run at once.
    package var scaling: QueueScaling
    /// Jobs taken in one transaction: 16 where a job takes milliseconds, 1 where it takes seconds, because a taken job
    /// waits for this process alone.
    package var batch: Int
    /// Jobs that may wait; more are refused with ``JobError/queueFull(queue:retryAfter:)``.
    package var maxDepth: Int
    /// What a refusal says in `Retry-After`.
    package var retryAfter: Duration

    package init(scaling: QueueScaling, batch: Int = 1, maxDepth: Int = 10_000, retryAfter: Duration = .seconds(5)) {
        self.scaling = scaling
        self.batch = batch
        self.maxDepth = maxDepth
        self.retryAfter = retryAfter
    }

    /// With ``QueueScaling/fixed(_:)``.
    package init(concurrency: Int = 2, batch: Int = 1, maxDepth: Int = 10_000, retryAfter: Duration = .seconds(5)) {
        self.init(scaling: .fixed(concurrency), batch: batch, maxDepth: maxDepth, retryAfter: retryAfter)
    }

    /// The lanes to begin with; an adaptive queue learns its share at the worker's first look at the table.
    var initialLanes: Int {
        if case .fixed(let lanes) = scaling { max(1, lanes) } else { 1 }
    }
}

/// How the queue of this process behaves.
package struct JobSettings: Sendable {
    /// By queue name; a queue without an entry gets ``QueueSettings/init(concurrency:batch:maxDepth:retryAfter:)``.
    package var queues: [String: QueueSettings] = [:]
    /// After so long without a heartbeat a process counts as dead and its jobs are given to others.
    package var lease: Duration = .seconds(30)
    /// How often workers look for work that no wake-up announced, such as another process's.
    package var pollInterval: Duration = .seconds(1)
    /// How often the concurrency of adaptive queues is decided anew.
    package var scalingInterval: Duration = .seconds(5)
    /// How long running jobs may go on after the worker was told to stop.
    package var grace: Duration = .seconds(20)
    /// How long a job that was told to stop is waited for; then it is left to itself and its fence keeps it harmless.
    package var abandonAfter: Duration = .seconds(5)
    /// A job is given up when processes that ran it died so often.
    package var maxLosses = 5
    /// How long dead and cancelled jobs can be looked at and requeued.
    package var keepDead: Duration = .seconds(30 * 86_400)
    /// Progress is written at most so often for one job.
    package var progressInterval: Duration = .seconds(1)
    /// How many bytes this process may still take; `nil` where nobody knows, which keeps nothing back.
    package var memoryRoom: @Sendable () -> Int64? = { nil }
    /// Makes the jitter of retries repeatable, for tests; `nil` for real chance.
    package var seed: UInt64?

    package init() {}

    func queue(_ name: String) -> QueueSettings { queues[name] ?? QueueSettings() }
}
