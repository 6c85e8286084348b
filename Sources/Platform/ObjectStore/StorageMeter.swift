import Telemetry

/// Counts and times the operations of a store, the same way for every engine.
struct StorageMeter: Sendable {
    enum Operation: String, Sendable { case check, delete, get, info, list, presign, put, space }

    private let operations: Counter
    private let durations: Histogram

    init(_ metrics: Metrics) {
        operations = metrics.counter(
            "storage_operations_total",
            "Operations on stored objects.",
            labels: ["operation", "status"],
        )
        durations = metrics.histogram(
            "storage_operation_duration_seconds",
            "Time of operations on stored objects, waiting included.",
            labels: ["operation"],
        )
    }

    /// Runs `work`; the status is `ok` or the error's code.
    func measure<Value: Sendable>(
        _ operation: Operation,
        _ work: () async throws(StorageError) -> Value,
    ) async throws(StorageError) -> Value {
        let start = ContinuousClock.now
        do throws(StorageError) {
            let value = try await work()
            record(operation, "ok", start)
            return value
        } catch {
            record(operation, error.code, start)
            throw error
        }
    }

    private func record(_ operation: Operation, _ status: String, _ start: ContinuousClock.Instant) {
        operations.add(1, operation.rawValue, status)
        durations.observe(ContinuousClock.now - start, operation.rawValue)
        Span.current?.leaf(
            "storage",
            kind: .client,
            since: start,
            problem: status == "ok" ? nil : status,
            ["storage.operation": operation.rawValue],
        )
    }
}
