import Kernel
import Telemetry

/// What every engine counts.
struct DatabaseMetrics: Sendable {
    enum Operation: String {
        case execute, lookup, query, transaction
    }

    private let total: Counter
    private let duration: Histogram

    init(_ metrics: Metrics) {
        total = metrics.counter(
            "database_queries_total",
            "Calls by operation and result.",
            labels: ["operation", "result"],
        )
        duration = metrics.histogram(
            "database_query_duration_seconds",
            "From the call to its answer, waiting included.",
            labels: ["operation"],
        )
    }

    func record(_ operation: Operation, since start: ContinuousClock.Instant, isOK: Bool) {
        total.add(1, operation.rawValue, isOK ? "ok" : "error")
        duration.observe(ContinuousClock.now - start, operation.rawValue)
        Span.current?.leaf(
            "database",
            kind: .client,
            since: start,
            problem: isOK ? nil : "failed",
            ["db.operation.name": operation.rawValue],
        )
    }
}
