import HTTPServer
import Kernel
import Telemetry
import TestSupport
import Testing

@testable import ModelGateway

/// Providers that hang, fail, and want to be left alone.
@Suite(.timeLimit(.minutes(5))) struct PauseTests {
    private let prompt = ModelPrompt(text: "hi")

    @Test("a model that fails five times is left alone, then one call finds out")
    func breaker() async throws {
        let server = try FakeProvider { _ in .raw(500, "oops") }
        let bench = try await GatewayBench([provider("p", .openai, server, .chat)])
        for _ in 0..<5 { #expect(await thrown { try await bench.gateway.chat(prompt) }?.code == "model_failed") }
        #expect(await thrown { try await bench.gateway.chat(prompt) }?.code == "waiting_pause")
        #expect(server.calls.all.count == 5)
        let status = try await bench.gateway.status()[0]
        #expect(status.breaker == "open" && status.reason == .pause && status.errorsToday == 5)
        #expect(status.pausedUntil == bench.time.now + .seconds(30))
        bench.time.advance(by: .seconds(30))
        server.answer { _ in .says("ok") }
        #expect(try await bench.gateway.chat(prompt).text == "ok")
        #expect(try await bench.gateway.status()[0].breaker == "closed")
    }

    @Test("a provider that refuses for an hour costs one call each time it asked to wait, and no try")
    func refusesForAnHour() async throws {
        let server = try FakeProvider { _ in .raw(429, "{}", ["Retry-After": "300"]) }
        let bench = try await GatewayBench([provider("p", .openai, server, .chat)])
        let end = bench.time.now + .seconds(3600)
        while bench.time.now < end {
            let until = try #require(await thrown { try await bench.gateway.chat(prompt) }?.postponedUntil)
            #expect(until == bench.time.now + .seconds(300))
            bench.time.advance(by: .seconds(100))
            #expect(await thrown { try await bench.gateway.chat(prompt) }?.postponedUntil == until)
            bench.time.advance(by: .seconds(200))
        }
        #expect(server.calls.all.count == 12)
        server.answer { _ in .says("ok") }
        #expect(try await bench.gateway.chat(prompt).text == "ok")
    }

    @Test("a wait that is told in fractions is kept to half a second", arguments: [0, 1] as [Double])
    func toldFractions(chance: Double) async throws {
        let server = try FakeProvider { _ in .raw(429, "{}", ["Retry-After": "26"]) }
        let bench = try await GatewayBench([provider("p", .openai, server, .chat)], chance: chance)
        for _ in 0..<2 {  // the call that is refused, and one that is not made
            let until = try #require(await thrown { try await bench.gateway.chat(prompt) }?.postponedUntil)
            #expect(until == bench.time.now + .milliseconds(26_000 + Int(500 * chance)))
        }
        #expect(server.calls.all.count == 1)
    }

    @Test("a provider that says with its answer that nothing is left is not asked in vain")
    func exhausted() async throws {
        let body = #"{"choices":[{"finish_reason":"stop","message":{"content":"ok"}}]}"#
        let headers: Headers = [
            "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s",
            "x-ratelimit-remaining-tokens": "500", "x-ratelimit-reset-tokens": "20m0s",
        ]
        let server = try FakeProvider { _ in .raw(200, body, headers) }
        let bench = try await GatewayBench([provider("p", .openai, server, .chat)])
        #expect(try await bench.gateway.chat(prompt).text == "ok")
        #expect(await thrown { try await bench.gateway.chat(prompt) }?.postponedUntil == bench.time.now + .seconds(360))
        #expect(server.calls.all.count == 1)
    }

    @Test("a call stands in the trace, with its model and without its words, and the provider hears of it")
    func traced() async throws {
        let server = try FakeProvider { _ in .raw(500, "") }
        let bench = try await GatewayBench([provider("p", .openai, server, .chat)])
        let sent = Recorder<[UInt8]>()
        let exporter = SpanExporter(
            resource: [:],
            log: .silent,
            metrics: bench.metrics,
            time: bench.time,
            send: { sent.add($0) },
        )
        let running = Task { try await exporter.run() }
        let span = Tracer(exporter, ratio: 1, time: bench.time).begin("job", kind: .consumer, parent: nil)
        await Span.$current.withValue(span) { _ = await thrown { try await bench.gateway.chat(prompt) } }
        span?.end()
        running.cancel()
        _ = await running.result
        let trace = sent.all.map { String(decoding: $0, as: UTF8.self) }.joined()
        #expect(trace.contains("model call") && trace.contains("gen_ai.request.model") && trace.contains("http_500"))
        #expect(!trace.contains(GatewayBench.key))
        let told = try #require(server.calls.all.first?.headers["traceparent"].flatMap(TraceContext.init(traceparent:)))
        #expect(told.traceID == span?.context.traceID)
        #expect(trace.contains(#""spanId":"\#(told.spanID)""#), "the call itself, and not who calls")
    }

    @Test("without a delay told the pauses grow, up to five minutes")
    func growingPauses() async throws {
        let server = try FakeProvider { _ in .raw(429, "{}") }
        let bench = try await GatewayBench([provider("p", .openai, server, .chat)], chance: 1)
        var pauses: [Double] = []
        for _ in 0..<10 {
            _ = await thrown { try await bench.gateway.chat(prompt) }
            let until = try #require(try await bench.gateway.status()[0].pausedUntil)
            pauses.append((until - bench.time.now).seconds)
            bench.time.advance(by: until - bench.time.now)
        }
        #expect(pauses == [2.5, 4.5, 8.5, 16.5, 32.5, 64.5, 128.5, 256.5, 300.5, 300.5])
    }

    @Test(
        "after a pause that nobody named, more and more calls follow the first without its answer",
        arguments: [(.openai, "{}", "rate"), (.gemini, Self.dayIsUsedUp, "day")] as [(ProviderKind, String, String)],
    )
    func moreFollow(_ kind: ProviderKind, _ refusal: String, _ reason: String) async throws {
        let server = try FakeProvider { _ in .raw(429, refusal) }
        let bench = try await GatewayBench([provider("p", kind, server, .chat)], chance: 0)
        let pause = try #require(await thrown { try await bench.gateway.chat(prompt) }?.postponedUntil)
        server.answer { _ in .silence }
        bench.time.advance(by: pause - bench.time.now)
        await withTaskGroup(of: Void.self) { group in
            var count = 1
            for more in [1, 2, 4] {
                for _ in 0..<more {
                    group.addTask {
                        // Who is refused does not arrive; nobody shall wait for it.
                        if await thrown({ try await bench.gateway.chat(prompt) }) != nil { server.count.add() }
                    }
                }
                count += more
                await server.count.until(count)
                let error = await thrown { try await bench.gateway.chat(prompt) }
                #expect(error?.code == "waiting_\(reason)", "not that it keeps failing")
                #expect(error?.postponedUntil == bench.time.now + .seconds(2))
                bench.time.advance(by: .seconds(2))
            }
            group.cancelAll()
        }
        #expect(server.calls.all.count == 8)
        #expect(bench.pauses(of: kind == .gemini ? "quota" : "rate") == 1)
    }

    @Test("an outage before it makes the first pause of a rate no longer")
    func classes() async throws {
        let server = try FakeProvider { _ in .raw(500, "") }
        let bench = try await GatewayBench([provider("p", .openai, server, .chat)], chance: 1)
        for _ in 0..<5 { #expect(await thrown { try await bench.gateway.chat(prompt) }?.code == "model_failed") }
        let until = try #require(await thrown { try await bench.gateway.chat(prompt) }?.postponedUntil)
        bench.time.advance(by: until - bench.time.now)
        server.answer { _ in .raw(429, "{}") }
        #expect(await thrown { try await bench.gateway.chat(prompt) }?.code == "waiting_rate")
        let status = try await bench.gateway.status()[0]
        #expect(status.pausedUntil == bench.time.now + .milliseconds(2500))
        #expect(bench.pauses(of: "transient") == 1 && bench.pauses(of: "rate") == 1)
    }

    private static let dayIsUsedUp = """
        {"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure",\
        "violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}]}}
        """

    @Test("the next of the chain is asked, and the first again when it is back")
    func chain() async throws {
        let (first, second) = (
            try FakeProvider { _ in .raw(503, "", ["Retry-After": "20"]) }, try FakeProvider { _ in .says("b") },
        )
        let providers = [provider("b", .openai, second, .chat), provider("a", .openai, first, .chat)]
        let names = try [#require(ModelName("a/m")), #require(ModelName("b/m"))]
        let bench = try await GatewayBench(providers, chains: [.chat: names])
        for _ in 0..<3 { #expect(try await bench.gateway.chat(prompt).model == names[1]) }
        #expect(first.calls.all.count == 1)
        first.answer { _ in .says("a") }
        bench.time.advance(by: .seconds(20))
        #expect(try await bench.gateway.chat(prompt).model == names[0])
    }

    @Test("a refused content is tried elsewhere and is final when all refuse")
    func content() async throws {
        let refusal = #"{"error":{"code":"DataInspectionFailed","message":"no"}}"#
        let (first, second) = (try FakeProvider { _ in .raw(400, refusal) }, try FakeProvider { _ in .says("b") })
        let bench = try await GatewayBench([
            provider("a", .dashscope, first, .chat), provider("b", .dashscope, second, .chat),
        ])
        #expect(try await bench.gateway.chat(prompt).text == "b")
        second.answer { _ in .raw(400, refusal) }
        let error = await thrown { try await bench.gateway.chat(prompt) }
        #expect(error?.code == "content_refused" && error?.isPermanent == true)
        for _ in 0..<10 { _ = await thrown { try await bench.gateway.chat(prompt) } }
        #expect(try await bench.gateway.status().allSatisfy { $0.breaker == "closed" })
    }

    @Test(
        "an empty account and a refused key pause every model of the provider",
        arguments: [(402, "quota"), (401, "access")],
    )
    func account(_ status: Int, _ reason: String) async throws {
        let server = try FakeProvider { _ in .raw(status, "{}") }
        var account = provider("p", .openrouter, server, .chat)
        account.models.append(ModelSettings("eye", [.vision]))
        let bench = try await GatewayBench([account])
        #expect(await thrown { try await bench.gateway.chat(prompt) }?.code == "waiting_\(reason)")
        #expect(await thrown { try await bench.gateway.vision(memePrompt) }?.code == "waiting_\(reason)")
        #expect(server.calls.all.count == 1)
        #expect(bench.logged.contains("model needs attention"))
    }

    @Test("a provider that hangs is given up in time, and a caller in a hurry says nothing about it")
    func hang() async throws {
        let server = try FakeProvider { _ in .silence }
        var slow = provider("p", .openai, server, .chat)
        slow.timeout = .milliseconds(200)
        let bench = try await GatewayBench([slow])
        #expect(await thrown { try await bench.gateway.chat(prompt) }?.code == "model_failed")
        for _ in 0..<9 {
            let soon = bench.time.now + .milliseconds(20)
            #expect(await thrown { try await bench.gateway.chat(prompt, until: soon) }?.code == "model_failed")
        }
        #expect(try await bench.gateway.status()[0].breaker == "closed")
    }

    @Test("a caller who leaves ends the call and frees its place")
    func cancelled() async throws {
        let server = try FakeProvider { _ in .silence }
        var narrow = provider("p", .openai, server, .chat)
        narrow.concurrency = 1
        let bench = try await GatewayBench([narrow])
        let first = Task { try await bench.gateway.chat(prompt) }
        await server.count.until(1)
        let second = Task { try await bench.gateway.chat(prompt) }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        server.answer { _ in .says("ok") }
        #expect(try await bench.gateway.chat(prompt).text == "ok")
    }

    @Test("a call that reached nobody takes no quota")
    func unreachable() async throws {
        var model = ModelSettings("m", [.chat])
        model.quota.requestsPerMinute = 10
        model.quota.requestsPerDay = 10
        let nobody = ProviderSettings("p", .openAICompatible, url: "http://127.0.0.1:1", models: [model])
        let bench = try await GatewayBench([nobody])
        #expect(await thrown { try await bench.gateway.chat(prompt) }?.code == "model_failed")
        #expect(try await bench.gateway.status()[0].quotas.map(\.used) == [0, 0])
    }

    @Test("whoever may wait is served after a hiccup")
    func retried() async throws {
        let counter = Tally()
        let server = try FakeProvider { _ in
            counter.add()
            return counter.count < 3 ? .raw(500, "") : .says("ok")
        }
        let bench = try await GatewayBench([provider("p", .openai, server, .chat)], chance: 1)
        async let answer = bench.gateway.chat(prompt, until: bench.time.now + .seconds(60))
        await bench.time.untilSleepers(1)
        bench.time.advance(by: .seconds(2))
        await server.count.until(2)
        await bench.time.untilSleepers(1)
        bench.time.advance(by: .seconds(4))
        #expect(try await answer.text == "ok")
    }

    @Test func withoutAModelTheCallerIsToldWhatIsMissing() async throws {
        let bench = try await GatewayBench([])
        #expect(await thrown { try await bench.gateway.chat(prompt) } == .notConfigured(.chat))
        #expect(!bench.gateway.serves(.vision) && bench.gateway.embeddingSpace == nil)
        let server = try FakeProvider { _ in .says("ok") }
        var keyless = provider("p", .openai, server, .chat)
        keyless.key = nil
        let without = try await GatewayBench([keyless])
        #expect(await thrown { try await without.gateway.chat(prompt) } == .notConfigured(.chat))
        #expect(try await without.gateway.status()[0].missing == ["a key: models.providers.p.key"])
    }
}

extension GatewayBench {
    /// How often the model `p/m` began to be left alone for errors of a class.
    fileprivate func pauses(of name: String) -> Double { gateway.metrics.pauses.value("p", "m", name) }
}
