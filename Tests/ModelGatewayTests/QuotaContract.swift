import Database
import Kernel
import SharedState
import Telemetry
import TestSupport
import Testing

@testable import ModelGateway

/// Quotas are reserved before a call, over all processes, and survive what they must survive.
@Suite(.timeLimit(.minutes(5))) struct QuotaContract {
    enum Shared: String, CaseIterable { case memory, redis }

    /// States as two processes have them, and what must live as long.
    private func states(_ shared: Shared, _ time: ManualTime) async throws -> ([any SharedState], RedisServer?) {
        guard shared == .redis else {
            let state = MemorySharedState(time: time)
            return ([state, state], nil)
        }
        let server = try await RedisServer.start()
        let clients = try (0..<2).map { _ in
            try RedisSharedState.open(url: Secret(server.url), time: time, metrics: Metrics(), log: .silent)
        }
        return (clients, server)
    }

    @Test("two gateways together never send more than the minute allows", arguments: Shared.allCases)
    func requestsPerMinute(_ shared: Shared) async throws {
        let time = ManualTime()
        let (states, redis) = try await states(shared, time)
        let server = try FakeProvider { _ in .says("ok") }
        let limited = provider("p", .openai, server, .chat) { $0.quota.requestsPerMinute = 7 }
        let first = try await GatewayBench([limited], time: time, state: states[0])
        let second = try await GatewayBench([limited], time: time, state: states[1], database: first.database)
        let waits = await withTaskGroup(of: Timestamp?.self) { group in
            for index in 0..<40 {
                let gateway = [first, second][index % 2].gateway
                group.addTask { await thrown { try await gateway.chat(ModelPrompt(text: "hi")) }?.postponedUntil }
            }
            return await group.reduce(into: [Timestamp]()) { all, until in if let until { all.append(until) } }
        }
        #expect(server.calls.all.count == 7)
        #expect(waits.count == 33 && waits.allSatisfy { $0 > time.now })
        withExtendedLifetime(redis) {}
    }

    @Test func tokensAreCorrectedByWhatTheProviderReports() async throws {
        let server = try FakeProvider { _ in .says("ok", input: 30, output: 20) }
        let bench = try await GatewayBench([provider("p", .openai, server, .chat) { $0.quota.tokensPerMinute = 1000 }])
        // Each call reserves 400 for its answer and takes 50: without the correction the third would wait.
        for _ in 0..<10 { _ = try await bench.gateway.chat(ModelPrompt(text: "hi")) }
        #expect(try await bench.gateway.status()[0].quotas == [.init(name: "tokens a minute", used: 500, limit: 1000)])
    }

    @Test func picturesHaveQuotasOfTheirOwn() async throws {
        let server = try FakeProvider { _ in .says(goodMeme) }
        let bench = try await GatewayBench([
            provider("p", .dashscope, server, .vision) {
                $0.quota.imagesPerMinute = 3
                $0.quota.imagesPerDay = 2
            }
        ])
        for _ in 0..<2 { _ = try await bench.gateway.vision(memePrompt) }
        guard case .waitUntil(let until, let wait)? = await thrown({ try await bench.gateway.vision(memePrompt) })
        else {
            return #expect(Bool(false), "it was sent")
        }
        #expect(wait.reason == .day && until == bench.time.now + .seconds(86_400))
        // What the day refused was given back to the minute.
        #expect(
            try await bench.gateway.status()[0].quotas.first == .init(name: "pictures a minute", used: 2, limit: 3)
        )
    }

    @Test("a day's quota survives a restart and ends with the day")
    func day() async throws {
        let time = ManualTime()
        let server = try FakeProvider { _ in .says("ok") }
        let limited = provider("p", .openai, server, .chat) { $0.quota.requestsPerDay = 3 }
        let first = try await GatewayBench([limited], time: time)
        for _ in 0..<2 { _ = try await first.gateway.chat(ModelPrompt(text: "hi")) }
        let second = try await GatewayBench([limited], time: time, database: first.database)
        _ = try await second.gateway.chat(ModelPrompt(text: "hi"))
        let error = await thrown { try await second.gateway.chat(ModelPrompt(text: "hi")) }
        #expect(error?.code == "waiting_day" && error?.postponedUntil == time.now + .seconds(86_400))
        #expect(server.calls.all.count == 3)
        time.advance(by: .seconds(86_400))
        _ = try await second.gateway.chat(ModelPrompt(text: "hi"))
        #expect(server.calls.all.count == 4)
    }

    @Test("of many at once as many pass as the day allows", arguments: DatabaseBackend.allCases)
    func dayAtOnce(_ backend: DatabaseBackend) async throws {
        let database = try await backend.make()
        try await migrate(database.database, modelMigrations)
        let server = try FakeProvider { _ in .says("ok") }
        let limited = provider("p", .openai, server, .chat) { $0.quota.requestsPerDay = 5 }
        let bench = try await GatewayBench([limited], database: database)
        await withTaskGroup { group in
            for _ in 0..<20 { group.addTask { _ = try? await bench.gateway.chat(ModelPrompt(text: "hi")) } }
        }
        #expect(server.calls.all.count == 5)
        let status = try await bench.gateway.status()[0]
        #expect(status.requestsToday == 5 && status.tokensToday == 5 * 18 && status.errorsToday == 0)
    }

    @Test("whoever may wait is answered when the quota is back, and holds no thread meanwhile")
    func waiting() async throws {
        let server = try FakeProvider { _ in .says("ok") }
        let bench = try await GatewayBench([provider("p", .openai, server, .chat) { $0.quota.requestsPerMinute = 1 }])
        _ = try await bench.gateway.chat(ModelPrompt(text: "hi"))
        async let second = bench.gateway.chat(ModelPrompt(text: "hi"), until: bench.time.now + .seconds(90))
        await bench.time.untilSleepers(1)
        #expect(server.calls.all.count == 1)
        bench.time.advance(by: .seconds(62))
        #expect(try await second.text == "ok")
        let short = bench.time.now + .seconds(30)
        #expect(
            await thrown { try await bench.gateway.chat(ModelPrompt(text: "hi"), until: short) }?.postponedUntil != nil
        )
    }

    @Test("many who wait do not come back at the same moment")
    func jitter() async throws {
        let server = try FakeProvider { _ in .says("ok") }
        let time = ManualTime()
        let limited = provider("p", .openai, server, .chat) { $0.quota.requestsPerMinute = 1 }
        let calm = try await GatewayBench([limited], time: time)
        _ = try await calm.gateway.chat(ModelPrompt(text: "hi"))
        let lucky = try #require(await thrown { try await calm.gateway.chat(ModelPrompt(text: "hi")) }?.postponedUntil)
        let late = try await GatewayBench([limited], time: time, state: calm.state, database: calm.database, chance: 1)
        let unlucky = try #require(
            await thrown { try await late.gateway.chat(ModelPrompt(text: "hi")) }?.postponedUntil
        )
        #expect((unlucky - time.now).milliseconds == (lucky - time.now).milliseconds + 500)
    }

    @Test func moneyOfTheDayIsAQuotaToo() async throws {
        let server = try FakeProvider { _ in .says("ok", input: 1000, output: 500) }
        let priced = provider("p", .openai, server, .chat) {
            $0.price.perMillionInputTokens = 125
            $0.price.perMillionOutputTokens = 250
        }
        let bench = try await GatewayBench([priced], budget: 0.5)
        #expect(try await bench.gateway.chat(ModelPrompt(text: "hi")).usage.cost == 0.25)
        _ = try await bench.gateway.chat(ModelPrompt(text: "hi"))
        #expect(await thrown { try await bench.gateway.chat(ModelPrompt(text: "hi")) }?.code == "waiting_budget")
        #expect(try await bench.gateway.status()[0].costToday == 0.5)
        #expect(bench.metrics.counter("model_cost_total", "", labels: ["provider", "model"]).value("p", "m") == 0.5)
    }

    static let moments: [(String, QuotaDay.Zone, String, String)] = [
        ("2026-01-01T00:00:00Z", .utc, "2026-01-01", "2026-01-02T00:00:00.000Z"),
        ("2026-01-01T07:59:59Z", .pacific, "2025-12-31", "2026-01-01T08:00:00.000Z"),
        ("2026-01-01T08:00:00Z", .pacific, "2026-01-01", "2026-01-02T08:00:00.000Z"),
        ("2026-07-01T06:59:59Z", .pacific, "2026-06-30", "2026-07-01T07:00:00.000Z"),
        // The two days of the change have 23 and 25 hours.
        ("2026-03-08T08:00:00Z", .pacific, "2026-03-08", "2026-03-09T07:00:00.000Z"),
        ("2026-11-01T07:00:00Z", .pacific, "2026-11-01", "2026-11-02T08:00:00.000Z"),
        ("2026-03-07T12:00:00Z", .pacific, "2026-03-07", "2026-03-08T08:00:00.000Z"),
    ]

    @Test("a day begins where the provider's quotas do", arguments: moments)
    func midnight(_ now: String, _ zone: QuotaDay.Zone, _ name: String, _ end: String) throws {
        let day = QuotaDay(try #require(Timestamp(rfc3339: now)), zone)
        #expect(day.name == name && day.end.rfc3339 == end)
    }
}
