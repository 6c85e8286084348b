import Kernel
import SharedState
import Telemetry
import TestSupport

/// The implementations that the contract is run against.
enum Backend: String, CaseIterable, Sendable {
    case memory, redis

    /// A state of its own, whose clock is `time`.
    func make(_ time: ManualTime) async throws -> any SharedState {
        switch self {
        case .memory: MemorySharedState(time: time)
        case .redis: try await makeRedis(time)
        }
    }
}

/// The server lives as long as `time`.
private func makeRedis(_ time: ManualTime) async throws -> RedisSharedState {
    let clock = try await ServerClock()
    let server = try await RedisServer.start(environment: clock.environment)
    time.lead { [server] now in
        _ = server
        clock.set(now)
    }
    return try open(server, time: time)
}

/// A client of `server`.
func open(
    _ server: RedisServer,
    settings: RedisSettings = RedisSettings(),
    time: any TimeSource = ManualTime(),
    metrics: Metrics = Metrics(),
    log: Log = .silent,
) throws -> RedisSharedState {
    try RedisSharedState.open(url: Secret(server.url), settings: settings, time: time, metrics: metrics, log: log)
}
