import Kernel
import Synchronization
import Telemetry

/// When to try to connect again, for all connections of a database together: while the server is away, callers are
/// told so at once, and one attempt per pause finds out when it is back.
final class PostgreSQLBackOff: Sendable {
    private struct State {
        var failures = 0
        var next = ContinuousClock.now
        var last = DatabaseError.closed
    }

    private let state = Mutex(State())
    private let reconnects: Counter
    private let log: Log

    init(metrics: Metrics, log: Log) {
        reconnects = metrics.counter(
            "database_connections_total",
            "Attempts to connect, by result.",
            labels: ["result"],
        )
        self.log = log
    }

    /// Connects, unless the pause after the last failure is not over.
    func connect(_ target: PostgreSQLTarget) throws(DatabaseError) -> PostgreSQLConnection {
        if let error = state.withLock({ $0.failures > 0 && ContinuousClock.now < $0.next ? $0.last : nil }) {
            throw error
        }
        do throws(DatabaseError) {
            let connection = try PostgreSQLConnection(target)
            reconnects.add(1, "ok")
            if state.withLock({
                let was = $0.failures; $0.failures = 0; return was
            }) > 0 {
                log.info("database is back")
            }
            return connection
        } catch {
            reconnects.add(1, "error")
            log.warning("database not reached", ["error": "\(error)"])
            fail(error)
            throw error
        }
    }

    /// 50 ms, doubled up to 3 s, and up to a quarter more, so that many processes do not come back together.
    private func fail(_ error: DatabaseError) {
        state.withLock { state in
            let pause = min(.seconds(3), .milliseconds(50) * (1 << min(state.failures, 6)))
            state.failures += 1
            state.next = .now + pause * Double.random(in: 1...1.25)
            state.last = error
        }
    }
}

/// A thread's place for its connection.
final class PostgreSQLSlot {
    private let target: PostgreSQLTarget
    private let backOff: PostgreSQLBackOff
    private var connection: PostgreSQLConnection?

    init(_ target: PostgreSQLTarget, _ backOff: PostgreSQLBackOff) {
        self.target = target
        self.backOff = backOff
    }

    /// The connection, a new one when there is none or the server has hung up.
    func connected() throws(DatabaseError) -> PostgreSQLConnection {
        if let connection, !connection.isLost { return connection }
        connection = nil
        let new = try backOff.connect(target)
        connection = new
        return new
    }

    /// Closes the connection; whatever it had not committed is rolled back.
    func drop() { connection = nil }
}
