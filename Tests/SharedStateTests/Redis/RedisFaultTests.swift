import Glibc
import Kernel
@testable import SharedState
import Telemetry
import TestSupport
import Testing

/// Redis goes away, stands still, forgets, refuses: calls degrade as `SharedState` says, and recover by themselves.
@Suite(.timeLimit(.minutes(5))) struct RedisFaultTests {
    private let metrics = Metrics()
    private let minute = Duration.seconds(60)

    @Test func callsDegradeWhileRedisIsAwayAndRecover() async throws {
        let server = try await RedisServer.start()
        let state = try open(server, metrics: metrics)
        try await state.check()
        await state.set("a", [1], ttl: minute)
        for _ in 0..<5 { await state.increment("n", ttl: minute) }
        await server.kill()
        await expectDegraded(state)
        try await server.restart()
        try await state.check()
        #expect(connected("commands") == 1)
        #expect(await state.increment("n", ttl: minute) == 1)
        await state.set("a", [2], ttl: minute)
        #expect(await state.get("a") == [2])
        #expect(await state.lock("l", ttl: minute) != nil)
    }

    @Test func startingWithRedisAwayWorks() async throws {
        let server = try await RedisServer.start()
        await server.kill()
        let state = try open(server, metrics: metrics)
        await expectDegraded(state)
        try await server.restart()
        try await state.check()
        #expect(await state.lock("l", ttl: minute) != nil)
    }

    /// Processes that were idle notice the loss before they send anything.
    @Test func aRestartBetweenTwoCallsIsNotSeen() async throws {
        let server = try await RedisServer.start()
        let state = try open(server, metrics: metrics)
        for round in 0..<3 {
            #expect(await state.increment("n", by: 7, ttl: minute) == 7, "round \(round)")
            await server.kill()
            try await server.restart()
        }
        #expect(metrics.counter("shared_state_degraded_total", "", labels: ["operation"]).value("increment") == 0)
    }

    @Test func whatStandsStillCountsAsLost() async throws {
        let server = try await RedisServer.start()
        let state = try open(server, settings: RedisSettings(timeout: .milliseconds(200)), metrics: metrics)
        try await state.check()
        server.signal(SIGSTOP)
        await expectDegraded(state)
        #expect(metrics.counter("shared_state_errors_total", "", labels: ["kind"]).value("lost") >= 1)
        server.signal(SIGCONT)
        await recover(state)
        #expect(await state.lock("other", ttl: minute) != nil)
    }

    @Test func aPauseLongerThanTheTimeoutIsALossToo() async throws {
        let server = try await RedisServer.start()
        let state = try open(server, settings: RedisSettings(timeout: .milliseconds(200)))
        try await state.check()
        await state.set("a", [1], ttl: minute)
        try await Admin(server)("CLIENT", "PAUSE", "1000", "ALL")
        #expect(await state.get("a") == nil)
        // Its own timeout is longer than the pause.
        try await Admin(server)("PING")
        await recover(state)
        #expect(await state.get("a") == [1])
    }

    @Test func callersThatWaitTogetherFailTogether() async throws {
        let server = try await RedisServer.start()
        let state = try open(server, settings: RedisSettings(timeout: .milliseconds(200), waitingCommands: 50))
        try await state.check()
        server.signal(SIGSTOP)
        let answers = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<200 { group.addTask { await state.increment("n", ttl: minute) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        // Each was counted once, by this process.
        #expect(answers.sorted() == Array(1...200))
        server.signal(SIGCONT)
        await recover(state)
    }

    @Test func aFlushForgetsEverythingButTheOrderOfFences() async throws {
        let server = try await RedisServer.start()
        let state = try open(server)
        let first = try #require(await state.lock("l", ttl: minute))
        for _ in 0..<10 { _ = await state.rateLimit("u", limit: 10, window: minute) }
        try await Admin(server)("FLUSHALL")
        let second = try #require(await state.lock("l", ttl: minute))
        #expect(second.fence > first.fence)
        #expect(await !state.extend(first, ttl: minute))
        #expect(await !state.unlock(first))
        #expect(await state.unlock(second))
        #expect(await state.rateLimit("u", limit: 10, window: minute).isAllowed)
    }

    @Test func aFullMemoryDegradesAndRecovers() async throws {
        let server = try await RedisServer.start()
        let state = try open(server, metrics: metrics)
        await state.set("a", [1], ttl: minute)
        let redis = try Admin(server)
        try await redis("CONFIG", "SET", "maxmemory", "1")
        #expect(await state.get("a") == [1])
        await state.set("a", [2], ttl: minute)
        #expect(await state.get("a") == [1])
        #expect(await state.increment("n", ttl: minute) == 1)
        #expect(await state.rateLimit("u", limit: 1, window: minute).isAllowed)
        #expect(await !state.rateLimit("u", limit: 1, window: minute).isAllowed)
        #expect(await state.lock("l", ttl: minute) == nil)
        await #expect(throws: RedisError.self) { try await state.check() }
        #expect(connected("commands") == 1)
        try await redis("CONFIG", "SET", "maxmemory", "0")
        try await state.check()
        #expect(await state.lock("l", ttl: minute) != nil)
    }

    @Test func aWrongPasswordIsToldAndNeverLogged() async throws {
        let server = try await RedisServer.start(["--requirepass", "right"])
        let lines = Recorder<String>()
        let sink = LogSink(format: .json, level: .debug) { lines.add(String(decoding: $0, as: UTF8.self)) }
        let url = Secret("redis://:hunter2@127.0.0.1:\(server.port)")
        let state = try RedisSharedState.open(url: url, metrics: metrics, log: Log(sink))
        let error = await #expect(throws: RedisError.self) { try await state.check() }
        #expect(error?.description.contains("WRONGPASS") == true)
        #expect(await state.increment("n", ttl: minute) == 1)
        await state.close()
        sink.flush()
        let text = lines.all.joined()
        #expect(text.contains("redis is away") && text.contains("127.0.0.1:\(server.port)"))
        #expect(!text.contains("hunter2"))
    }

    @Test func subscriptionsAreThereAgainAfterARestart() async throws {
        let server = try await RedisServer.start()
        let state = try open(server, metrics: metrics)
        let stream = await state.messages(on: "c")
        await server.kill()
        // Redis cannot have it, so this process tells itself.
        await state.publish("c", message: [1])
        let whileAway = await state.messages(on: "late")
        try await server.restart()
        try await state.check()
        try await open(server).publish("c", message: [2])
        try await open(server).publish("late", message: [3])
        var seen: [[UInt8]] = []
        for await message in stream.prefix(2) { seen.append(message) }
        #expect(seen == [[1], [2]])
        for await message in whileAway.prefix(1) { #expect(message == [3]) }
    }

    @Test func aSilentSubscriptionIsAskedWhetherItLives() async throws {
        let server = try await RedisServer.start()
        let settings = RedisSettings(timeout: .milliseconds(200), silence: .milliseconds(20))
        let state = try open(server, settings: settings, metrics: metrics)
        let stream = await state.messages(on: "c")
        server.signal(SIGSTOP)
        while connected("subscriptions") == 1 { await Task.yield() }
        server.signal(SIGCONT)
        while connected("subscriptions") == 0 { await recover(state) }
        _ = stream
    }

    @Test func aClosedClientAnswersAsIfRedisWereAway() async throws {
        let server = try await RedisServer.start()
        let state = try open(server, metrics: metrics)
        let stream = await state.messages(on: "c")
        await state.close()
        await state.close()
        await expectDegraded(state)
        await state.publish("c", message: [1])
        for await message in stream.prefix(1) { #expect(message == [1]) }
    }

    /// A server that ran on needs a moment on a busy machine.
    private func recover(_ state: RedisSharedState) async {
        while (try? await state.check()) == nil { await Task.yield() }
    }

    private func connected(_ connection: String) -> Double {
        metrics.gauge("shared_state_connected", "", labels: ["connection"]).value(connection)
    }

    private func expectDegraded(_ state: RedisSharedState) async {
        #expect(await state.get("a") == nil)
        await state.set("a", [9], ttl: minute)
        #expect(await !state.setIfAbsent("fresh", [9], ttl: minute))
        #expect(await !state.delete("a"))
        #expect(await state.deletePrefix("") == 0)
        #expect(await state.increment("n", ttl: minute) == 1)
        #expect(await state.increment("n", ttl: minute) == 2)
        #expect(await state.rateLimit("u", limit: 1, window: minute).isAllowed)
        #expect(await !state.rateLimit("u", limit: 1, window: minute).isAllowed)
        let claim = BudgetClaim("tokens", 60, limit: 100, window: minute)
        let reserved = await state.reserve("b", [claim])
        #expect(await !state.reserve("b", [claim]).isGranted)
        await state.correct("b", ["tokens": -60], at: reserved.moment)
        #expect(await state.reserve("b", [claim]).used == [60])
        #expect(await state.lock("l", ttl: minute) == nil)
        #expect(await !state.extend(LockToken(key: "l", fence: 1), ttl: minute))
        #expect(await !state.unlock(LockToken(key: "l", fence: 1)))
        await #expect(throws: RedisError.self) { try await state.check() }
        #expect(connected("commands") == 0)
        let degraded = metrics.counter("shared_state_degraded_total", "", labels: ["operation"])
        for operation in RedisMetrics.Operation.allCases where operation != .publish {
            #expect(degraded.value(operation.rawValue) >= 1, "\(operation)")
        }
    }
}
