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
        let first = await state.subscribe("c")
        let second = await state.subscribe("c")
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
        let stream = await state.subscribe("c")
        await state.publish("c", message: [2])
        var iterator = stream.makeAsyncIterator()
        #expect(await iterator.next() == [2])
    }

    @Test(arguments: Backend.allCases)
    func aSlowSubscriberKeepsTheNewest(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        let stream = await state.subscribe("c")
        let end = await state.subscribe("end")
        for byte in UInt8(0)..<200 { await state.publish("c", message: [byte]) }
        // Messages come in order: after this one, all of the others have.
        await state.publish("end", message: [])
        for await _ in end { break }
        var seen: [UInt8] = []
        for await message in stream.prefix(64) { seen += message }
        #expect(seen == Array(136..<200))
    }

    @Test(arguments: Backend.allCases)
    func aCancelledTaskStopsWaiting(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        let stream = await state.subscribe("c")
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
