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

    @Test("who leaves the line is passed over, and the others keep their order")
    func line() async throws {
        let gate = CallGate(1)
        let (hold, order) = (Gate(), Recorder<Int>())
        let first = Task { try await gate.run { await hold.pass() } }
        while gate.free > 0 { await Task.yield() }
        var waiting: [Task<Void, any Error>] = []
        for number in 0..<20 {
            waiting.append(Task { try await gate.run { order.add(number) } })
            while gate.waiting < waiting.count { await Task.yield() }
        }
        for number in stride(from: 0, to: 20, by: 2) { waiting[number].cancel() }
        for number in stride(from: 0, to: 20, by: 2) {
            await #expect(throws: CancellationError.self) { try await waiting[number].value }
        }
        hold.open()
        try await first.value
        for number in stride(from: 1, to: 20, by: 2) { try await waiting[number].value }
        #expect(order.all == Array(stride(from: 1, to: 20, by: 2)))
        #expect(gate.free == 1 && gate.waiting == 0)
    }
}
