import Kernel
import Synchronization
import Telemetry

/// Tells log and metrics how one connection fares: each change once, not each try.
final class RedisEvents: Sendable {
    private let name: String
    private let address: String
    private let gauge: GaugeSeries
    private let errors: Counter
    private let log: Log
    private let problem = Mutex<String?>(nil)

    /// `name` is `commands` or `subscriptions`; `address` has no password.
    init(_ name: String, address: String, metrics: Metrics, log: Log) {
        self.name = name
        self.address = address
        self.log = log
        gauge = metrics.gauge(
            "shared_state_connected",
            "1 while the connection to Redis stands.",
            labels: ["connection"],
        ).at(name)
        gauge.set(0)
        errors = RedisMetrics.errors(metrics)
    }

    func connected() {
        gauge.set(1)
        problem.withLock { $0 = nil }
        log.info("redis connected", ["redis.address": address, "redis.connection": name])
    }

    func away(_ error: RedisError) {
        gauge.set(0)
        errors.add(1, error.kind)
        let text = error.description
        let isNew = problem.withLock { problem in
            defer { problem = text }
            return problem != text
        }
        guard isNew else { return }
        log.warning("redis is away", ["redis.address": address, "redis.connection": name, "error": text])
    }

    /// The client was closed.
    func ended() { gauge.set(0) }
}
