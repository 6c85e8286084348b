import Kernel

/// How many jobs of a queue run at once.
package enum QueueScaling: Sendable, Equatable {
    /// So many in each process. For work that burns CPU not more than cores.
    case fixed(Int)
    /// As the waits demand, in all processes together. For work that waits for others.
    case adaptive(ScalingPolicy)
}

/// The bounds within which a queue's concurrency follows its waits.
package struct ScalingPolicy: Sendable, Equatable {
    /// Jobs at once in all processes together; each live process runs at least one all the same.
    package let min: Int
    package let max: Int
    /// A job that waits longer asks for more concurrency.
    package let targetWait: Duration
    /// What one more job may take; where the processes have no room for it, the concurrency does not grow.
    package let bytesPerJob: Int64

    package init(min: Int, max: Int, targetWait: Duration = .seconds(1), bytesPerJob: Int64 = 1 << 20) {
        self.min = Swift.max(1, min)
        self.max = Swift.max(self.min, max)
        self.targetWait = Swift.max(.milliseconds(1), targetWait)
        self.bytesPerJob = Swift.max(1, bytesPerJob)
    }
}

/// What keeps the jobs of a queue from running sooner.
package enum LimitingFactor: String, Sendable, CaseIterable {
    /// Nothing: jobs begin in time.
    case none
    /// Jobs wait, and the concurrency has just been raised.
    case queueWait = "queue_wait"
    /// Jobs wait, and the concurrency is at its upper bound.
    case max
    /// Jobs wait, and the partner's quotas can use no more at once.
    case quota
    /// Jobs wait, and the processes have no memory for all the concurrency that they ask for.
    case memory
    /// Jobs wait, and a large step is still to show its effect.
    case coolDown = "cool_down"
    /// Every kind of the queue is paused.
    case breakerOpen = "breaker_open"
    /// The concurrency is set, as for work that burns CPU.
    case fixed
}
