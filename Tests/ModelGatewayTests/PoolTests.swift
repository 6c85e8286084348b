import Kernel
import TestSupport
import Testing

@testable import ModelGateway

/// Several projects of one provider.
@Suite(.timeLimit(.minutes(5))) struct PoolTests {
    private func projects(_ server: FakeProvider, _ count: Int, perMinute: Int) -> [ProviderSettings] {
        provider("p", .openai, server, .chat) { $0.quota.requestsPerMinute = perMinute }
            .projects((1...count).map { Secret("sk-project-number-\($0)") })
    }

    @Test("calls go around the projects, each as often as its own minute allows")
    func around() async throws {
        let server = try FakeProvider { _ in .says("ok") }
        let bench = try await GatewayBench(projects(server, 3, perMinute: 2))
        let waits = await withTaskGroup(of: Timestamp?.self) { group in
            for _ in 0..<10 {
                group.addTask { await thrown { try await bench.gateway.chat(ModelPrompt(text: "hi")) }?.postponedUntil }
            }
            return await group.reduce(into: [Timestamp]()) { all, until in if let until { all.append(until) } }
        }
        let keys = server.calls.all.map { $0.headers["Authorization"] ?? "" }.sorted()
        #expect(keys == (1...3).flatMap { Array(repeating: "Bearer sk-project-number-\($0)", count: 2) })
        #expect(waits.count == 4 && waits.allSatisfy { $0 > bench.time.now })
    }

    @Test("a project whose key is refused rests while the others answer")
    func refused() async throws {
        let server = try FakeProvider { call in
            call.headers["Authorization"] == "Bearer sk-project-number-1" ? .raw(401, "{}") : .says("ok")
        }
        let bench = try await GatewayBench(projects(server, 2, perMinute: 100))
        for _ in 0..<6 { #expect(try await bench.gateway.chat(ModelPrompt(text: "hi")).text == "ok") }
        #expect(server.calls.all.count == 7)
    }

    @Test("what one project refuses for good is asked of no other")
    func refusedInput() async throws {
        let server = try FakeProvider { _ in .raw(400, "{}") }
        let bench = try await GatewayBench(projects(server, 3, perMinute: 100))
        #expect(await thrown { try await bench.gateway.chat(ModelPrompt(text: "hi")) }?.code == "model_refused")
        #expect(server.calls.all.count == 1)
    }
}
