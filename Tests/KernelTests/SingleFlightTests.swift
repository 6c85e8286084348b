import Kernel
import TestSupport
import Testing

/// One piece of work for many.
@Suite(.timeLimit(.minutes(1))) struct SingleFlightTests {
    @Test func manyWaitForOne() async throws {
        let flights = SingleFlight<String, Int>()
        let (gate, runs) = (Gate(), Tally())
        let values = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await flights("key") {
                        runs.add()
                        await gate.pass()
                        return 7
                    }
                }
            }
            await runs.until(1)
            gate.open()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(values.count == 20 && values.allSatisfy { $0 == 7 })
    }

    @Test func whoIsCancelledLeavesAndTheWorkGoesOn() async throws {
        let flights = SingleFlight<String, Int>()
        let (gate, runs, done) = (Gate(), Tally(), Tally())
        let work: @Sendable () async throws -> Int = {
            runs.add()
            await gate.pass()
            done.add()
            return 7
        }
        let waiter = Task { try await flights("key", work) }
        await runs.until(1)
        waiter.cancel()
        let result = await waiter.result
        #expect(throws: CancellationError.self) { try result.get() }
        #expect(done.count == 0)
        gate.open()
        await done.until(1)
        #expect(runs.count == 1)
    }
}
