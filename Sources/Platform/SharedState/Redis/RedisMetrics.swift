import Telemetry

/// What the commands are counted as.
struct RedisMetrics: Sendable {
    enum Operation: String, CaseIterable {
        case get, set, delete, increment, lock, extend, unlock, publish, reserve, correct
        case setIfAbsent = "set_if_absent"
        case deletePrefix = "delete_prefix"
        case rateLimit = "rate_limit"
    }

    private let durations: [Operation: HistogramSeries]
    private let degraded: Counter
    private let errors: Counter

    init(_ metrics: Metrics) {
        let duration = metrics.histogram(
            "shared_state_command_duration_seconds",
            "From the call to the answer of Redis, waiting included.",
            labels: ["operation"],
        )
        durations = Dictionary(uniqueKeysWithValues: Operation.allCases.map { ($0, duration.at($0.rawValue)) })
        degraded = metrics.counter(
            "shared_state_degraded_total",
            "Calls that this process answered by itself because Redis did not.",
            labels: ["operation"],
        )
        errors = Self.errors(metrics)
    }

    static func errors(_ metrics: Metrics) -> Counter {
        metrics.counter(
            "shared_state_errors_total",
            "Commands and connections that failed: away, busy, closed, lost (sent and not answered), refused.",
            labels: ["kind"],
        )
    }

    func answered(_ operation: Operation, since start: ContinuousClock.Instant) {
        durations[operation]?.observe(ContinuousClock.now - start)
    }

    func degraded(_ operation: Operation, _ error: RedisError) {
        degraded.add(1, operation.rawValue)
        errors.add(1, error.kind)
    }
}
