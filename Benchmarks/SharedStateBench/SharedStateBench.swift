import Glibc
import Kernel
import SharedState
import Telemetry

/// Counters and values in Redis, for `script/bench state`.
///
/// `SharedStateBench URL TASKS COUNT`: `TASKS` tasks make `COUNT` steps of one counter, then read one value `COUNT` times.
/// Prints one line of JSON.
@main
struct SharedStateBench {
    static func main() async throws {
        let words = CommandLine.arguments
        guard words.count == 4, let tasks = Int(words[2]), let count = Int(words[3]) else {
            print("usage: SharedStateBench URL TASKS COUNT")
            exit(64)
        }
        let metrics = Metrics()
        let state = try RedisSharedState.open(url: Secret(words[1]), metrics: metrics, log: .silent)
        try await state.check()
        await state.set("value", [1, 2, 3], ttl: .seconds(600))
        let increments = await measure(tasks, count) { await state.increment("counter", ttl: .seconds(600)) }
        let reads = await measure(tasks, count) { await state.get("value") }
        let degraded = metrics.counter("shared_state_degraded_total", "", labels: ["operation"])
        guard degraded.value("increment") + degraded.value("get") == 0 else {
            print("Redis did not answer every call")
            exit(69)
        }
        print("{\"incr_per_s\":\(Double(count) / increments.seconds),\"get_per_s\":\(Double(count) / reads.seconds)}")
        await state.close()
    }

    private static func measure<Value>(
        _ tasks: Int,
        _ count: Int,
        _ work: @escaping @Sendable () async -> Value,
    ) async -> Duration {
        let start = ContinuousClock.now
        await withTaskGroup { group in
            for task in 0..<tasks {
                group.addTask {
                    for _ in stride(from: task, to: count, by: tasks) { _ = await work() }
                }
            }
        }
        return ContinuousClock.now - start
    }
}
