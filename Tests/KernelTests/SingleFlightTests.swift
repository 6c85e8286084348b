import Kernel
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct SingleFlightTests {
    @Test func manyWhoWantTheSameGetTheResultOfOne() async throws {
        let flights = SingleFlight<String, Int>()
        let (begun, gate) = (Gate(), Gate())
        let callers = (0..<100).map { _ in
            Task {
                try await flights("a") {
                    begun.open()
                    await gate.pass()
                    return 7
                }
            }
        }
        await begun.pass()
        #expect(try await flights("b") { 8 } == 8, "another key has work of its own")
        gate.open()
        for caller in callers { #expect(try await caller.value == 7) }
        #expect(try await flights("a") { 9 } == 9, "what has landed is not given again")
    }

    @Test func everybodyHearsOfAFailure() async throws {
        let flights = SingleFlight<String, Int>()
        await #expect(throws: Broken.self) { try await flights("a") { throw Broken() } }
        #expect(try await flights("a") { 1 } == 1)
    }

    @Test(arguments: [true, false])
    func whoIsCancelledLeavesAtOnceAndTheOthersStay(_ endsWithItsCallers: Bool) async throws {
        let flights = SingleFlight<String, Int>(endsWithItsCallers: endsWithItsCallers)
        let (begun, gate) = (Gate(), Gate())
        let first = Task {
            try await flights("a") {
                begun.open()
                await gate.pass()
                try Task.checkCancellation()
                return 1
            }
        }
        await begun.pass()
        let second = Task {
            try await flights("a") {
                await gate.pass()
                return 2
            }
        }
        first.cancel()
        // The gate is closed: it does not wait for the work.
        await #expect(throws: CancellationError.self) { try await first.value }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        gate.open()
    }

    @Test func workThatNobodyWantsAnyMoreIsCancelledAndBegunAnew() async throws {
        let flights = SingleFlight<String, Int>(endsWithItsCallers: true)
        let (begun, ended) = (Gate(), Gate())
        let only = Task {
            try await flights("a") {
                begun.open()
                await park()
                ended.open()
                return 1
            }
        }
        await begun.pass()
        only.cancel()
        await ended.pass()
        #expect(try await flights("a") { 2 } == 2)
    }

    @Test func workGoesOnWithoutItsCallersUnlessToldOtherwise() async throws {
        let flights = SingleFlight<String, Int>()
        let (begun, gate, ended) = (Gate(), Gate(), Gate())
        let only = Task {
            try await flights("a") {
                begun.open()
                await gate.pass()
                if !Task.isCancelled { ended.open() }
                return 1
            }
        }
        await begun.pass()
        only.cancel()
        await #expect(throws: CancellationError.self) { try await only.value }
        gate.open()
        await ended.pass()
    }
}

private struct Broken: Error {}
