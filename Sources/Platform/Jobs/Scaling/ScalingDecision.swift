import Kernel

/// What a queue looks like at one moment, in all processes.
struct ScalingReading: Equatable {
    /// Jobs that could run.
    var waiting: Int
    var running: Int
    /// How long the oldest of them has waited, or how long those waited that began lately, whichever is longer.
    var wait: Duration
    /// Live workers of the queue.
    var workers: Int
    /// Bytes that the one of them with the least memory may still take; `nil` where nobody knows.
    var room: Int64?
    /// Whether every kind of the queue is paused.
    var isPaused = false
    var need = QueueNeed.unlimited
}

extension ScalingReading {
    /// For how many more jobs there is memory: each process gets an equal share of them.
    fileprivate func places(_ policy: ScalingPolicy) -> Int? {
        guard let room else { return nil }
        let places = (max(0, room) / policy.bytesPerJob).multipliedReportingOverflow(by: Int64(max(1, workers)))
        return places.overflow ? .max : Int(places.partialValue)
    }
}

/// What is remembered from one decision to the next.
struct ScalingState: Equatable {
    /// Jobs at once, in all processes together.
    var concurrency: Int
    /// Readings in a row that asked for less.
    var lowReadings = 0
    var coolDownUntil = Timestamp(milliseconds: 0)
    var factor = LimitingFactor.none
    /// Jobs at once that the partner can use, as the processes see it; `nil` for any number.
    var need: Double?
    /// The latest changes, the oldest first, at most ``longestHistory``.
    var history: [ScalingChange] = []
}

extension ScalingState {
    static let readingsBeforeShrinking = 3
    static let coolDown = Duration.seconds(30)
    /// A larger step is given time to show its effect.
    static let largestStepWithoutCoolDown = 20
    static let longestHistory = 10

    /// The step up, by how far the wait is above its target.
    static func step(wait: Duration, target: Duration) -> Int {
        switch wait / target {
        case ...2: 5
        case ...4: 10
        case ...8: 15
        default: 25
        }
    }

    /// Decides how many jobs may run at once from now on. Grows at once while jobs wait too long; shrinks slowly, after
    /// three low readings in a row and never below what runs.
    func decide(_ reading: ScalingReading, _ policy: ScalingPolicy, now: Timestamp) -> ScalingState {
        let upper = max(policy.max, reading.workers)
        let lower = max(policy.min, min(reading.workers, upper))
        var next = settled(reading, policy, lower, upper, now)
        guard next.concurrency != concurrency else { return next }
        let grew = next.concurrency > concurrency
        next.history.append(
            ScalingChange(
                at: now,
                from: concurrency,
                to: next.concurrency,
                pressure: reading.waiting + reading.running,
                reason: !(lower...upper).contains(concurrency) ? .bounds : grew ? .queueWait : shrinkage(next, lower),
            )
        )
        next.history.removeFirst(max(0, next.history.count - Self.longestHistory))
        return next
    }

    private func shrinkage(_ next: ScalingState, _ lower: Int) -> ScalingChange.Reason {
        concurrency > next.useful(lower, .max) ? .quota : .idle
    }

    /// The upper bound where the partner can use fewer; what the settings want at least holds all the same.
    func useful(_ lower: Int, _ upper: Int) -> Int {
        guard let need else { return upper }
        return min(upper, max(lower, Int(min(need.rounded(.up), 1e9))))
    }

    private func settled(
        _ reading: ScalingReading,
        _ policy: ScalingPolicy,
        _ lower: Int,
        _ upper: Int,
        _ now: Timestamp,
    ) -> ScalingState {
        var next = self
        next.concurrency = min(upper, max(lower, concurrency))
        next.need = settled(reading.need)
        if reading.isPaused {
            next.lowReadings = 0
            next.factor = .breakerOpen
            return next
        }
        let isBusy = reading.waiting > 0 || reading.running >= next.concurrency
        let isLate = reading.wait > policy.targetWait && isBusy
        // A clock that was set back must not keep a queue cool for hours.
        let isCoolingDown = now < coolDownUntil && coolDownUntil - now <= Self.coolDown
        let useful = next.useful(lower, upper)
        let excess = next.concurrency - useful
        // A large step is given time here too, so that the number does not swing with what is seen of the partner.
        if excess > 0, !isCoolingDown || excess <= Self.largestStepWithoutCoolDown {
            next.concurrency = useful
            next.lowReadings = 0
            if excess > Self.largestStepWithoutCoolDown { next.coolDownUntil = now + Self.coolDown }
            next.factor = isLate ? .quota : .none
        } else if isLate {
            next.grow(reading, policy, useful, isCoolingDown, now)
            if useful < upper, next.factor == .max { next.factor = .quota }
        } else {
            next.factor = .none
            next.shrink(reading, policy, lower, isCoolingDown)
        }
        return next
    }

    private mutating func grow(
        _ reading: ScalingReading,
        _ policy: ScalingPolicy,
        _ upper: Int,
        _ isCoolingDown: Bool,
        _ now: Timestamp,
    ) {
        lowReadings = 0
        if concurrency < upper && isCoolingDown { return factor = .coolDown }
        let wanted = min(max(0, upper - concurrency), Self.step(wait: reading.wait, target: policy.targetWait))
        let step = min(wanted, reading.places(policy) ?? wanted)
        concurrency += step
        if step > Self.largestStepWithoutCoolDown { coolDownUntil = now + Self.coolDown }
        factor = step < wanted ? .memory : concurrency < upper ? .queueWait : .max
    }

    private mutating func shrink(
        _ reading: ScalingReading,
        _ policy: ScalingPolicy,
        _ lower: Int,
        _ isCoolingDown: Bool,
    ) {
        let isLow = reading.wait <= policy.targetWait / 2 && reading.running < concurrency
        lowReadings = isLow && !isCoolingDown ? lowReadings + 1 : 0
        guard lowReadings >= Self.readingsBeforeShrinking else { return }
        lowReadings = 0
        let step = min(10, max(1, concurrency / 4))
        concurrency = max(lower, min(concurrency, max(reading.running, concurrency - step)))
    }
}

/// One worker's part of a queue's concurrency: the rest of the division goes to the first, and each runs at least one.
///
/// - Returns: `nil` for a worker that is not among `workers`.
func laneShare(of concurrency: Int, for worker: ID<JobWorker>, among workers: [ID<JobWorker>]) -> Int? {
    guard let place = workers.sorted().firstIndex(of: worker) else { return nil }
    let (part, rest) = concurrency.quotientAndRemainder(dividingBy: workers.count)
    return max(1, part + (place < rest ? 1 : 0))
}
