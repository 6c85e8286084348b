import Kernel
import TestSupport
import Testing

@testable import ModelGateway

/// Callers who leave before they are answered.
@Suite(.timeLimit(.minutes(5))) struct LeavingTests {
    @Test("thousands who leave together are gone, whether they wait for an answer or for their turn")
    func thousands() async throws {
        let server = try FakeProvider { _ in .silence }
        var wide = provider("p", .openai, server, .chat)
        wide.concurrency = 1000
        let bench = try await GatewayBench([wide])
        let left = Tally()
        let load = Task {
            await withDiscardingTaskGroup { group in
                for _ in 0..<2000 {
                    group.addTask {
                        do {
                            _ = try await bench.gateway.chat(ModelPrompt(text: "hi"))
                        } catch is CancellationError {
                            left.add()
                        } catch {}
                    }
                }
            }
        }
        await server.count.until(1000)
        load.cancel()
        await load.value
        #expect(left.count == 2000)
        // The provider sees that nobody waits any more.
        await server.abandoned.until(1000)
        server.answer { _ in .says("ok") }
        #expect(try await bench.gateway.chat(ModelPrompt(text: "hi")).text == "ok")
        #expect(server.count.count == 1001, "those who had no turn were never sent")
    }
}
