import Kernel
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct AsyncSemaphoreTests {
    @Test func whoLeavesTheLineIsPassedOverAndTheOthersKeepTheirOrder() async throws {
        let semaphore = AsyncSemaphore(1)
        let (gate, order) = (Gate(), Recorder<Int>())
        let first = Task { try await semaphore.hold { await gate.pass() } }
        while semaphore.free > 0 { await Task.yield() }
        var waiting: [Task<Void, any Error>] = []
        for number in 0..<20 {
            waiting.append(Task { try await semaphore.hold { order.add(number) } })
            while semaphore.waiting < waiting.count { await Task.yield() }
        }
        for number in stride(from: 0, to: 20, by: 2) { waiting[number].cancel() }
        for number in stride(from: 0, to: 20, by: 2) {
            await #expect(throws: CancellationError.self) { try await waiting[number].value }
        }
        gate.open()
        try await first.value
        for number in stride(from: 1, to: 20, by: 2) { try await waiting[number].value }
        #expect(order.all == Array(stride(from: 1, to: 20, by: 2)))
        #expect(semaphore.free == 1 && semaphore.waiting == 0)
    }

    /// Small amounts that fit would keep a large one waiting for ever.
    @Test func nobodyPassesALargeAmount() async throws {
        let semaphore = AsyncSemaphore(10)
        let (gate, order) = (Gate(), Recorder<Int>())
        func hold(_ amount: Int, waiting: Int) async -> Task<Void, any Error> {
            let task = Task { try await semaphore.hold(amount) { order.add(amount) } }
            while semaphore.waiting < waiting { await Task.yield() }
            return task
        }
        let first = Task { try await semaphore.hold(4) { await gate.pass() } }
        while semaphore.free == 10 { await Task.yield() }
        let large = await hold(10, waiting: 1)
        let small = await hold(1, waiting: 2)
        gate.open()
        for task in [first, large, small] { try await task.value }
        #expect(order.all == [10, 1])
        #expect(semaphore.free == 10)
    }

    @Test func whoStandsBehindALargeAmountThatLeavesGoesIn() async throws {
        let semaphore = AsyncSemaphore(10)
        let gate = Gate()
        let first = Task { try await semaphore.hold(4) { await gate.pass() } }
        while semaphore.free == 10 { await Task.yield() }
        let large = Task { try await semaphore.hold(8) {} }
        while semaphore.waiting == 0 { await Task.yield() }
        let small = Task { try await semaphore.hold(6) {} }
        while semaphore.waiting < 2 { await Task.yield() }
        large.cancel()
        try await small.value
        gate.open()
        try await first.value
    }

    @Test func moreThanThereIsTakesAll() async throws {
        let semaphore = AsyncSemaphore(10)
        let free = try await semaphore.hold(11) { semaphore.free }
        #expect(free == 0)
        #expect(semaphore.free == 10)
    }
}
