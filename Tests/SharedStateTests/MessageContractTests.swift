import Kernel
import SharedState
import TestSupport
import Testing

/// The promises of channels, for every implementation.
@Suite(.timeLimit(.minutes(5))) struct MessageContractTests {
    private let time = ManualTime()

    @Test(arguments: Backend.allCases)
    func everySubscriberGetsEveryMessageInOrder(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        let first = await state.messages(on: "c")
        let second = await state.messages(on: "c")
        for byte in UInt8(1)...10 { await state.publish("c", message: [byte]) }
        await state.publish("other", message: [99])
        for stream in [first, second] {
            var seen: [UInt8] = []
            for await message in stream.prefix(10) { seen += message }
            #expect(seen == Array(1...10))
        }
    }

    @Test(arguments: Backend.allCases)
    func whatWasSentBeforeIsNotSeen(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        await state.publish("c", message: [1])
        let stream = await state.messages(on: "c")
        await state.publish("c", message: [2])
        var iterator = stream.makeAsyncIterator()
        #expect(await iterator.next() == [2])
    }

    @Test(arguments: Backend.allCases)
    func whoCancelsReceivesNothingMore(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        let received = Recorder<[UInt8]>()
        let subscription = await state.subscribe("c") { received.add($0) }
        let other = await state.messages(on: "c")
        await state.publish("c", message: [1])
        for await _ in other.prefix(1) {}
        subscription.cancel()
        let last = await state.messages(on: "c")
        await state.publish("c", message: [2])
        for await _ in last.prefix(1) {}
        #expect(received.all == [[1]])
    }

    @Test(arguments: Backend.allCases)
    func aCancelledTaskStopsWaiting(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        let stream = await state.messages(on: "c")
        let reader = Task {
            var count = 0
            for await _ in stream { count += 1 }
            return count
        }
        await state.publish("c", message: [1])
        reader.cancel()
        #expect(await reader.value <= 1)
    }
}
