import Kernel
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ServiceGroupTests {
    /// Runs until it is cancelled, and tells of its end.
    private struct Patient: Service {
        let name: String
        let events: Recorder<String>
        let begun: Gate

        func run() async throws {
            begun.open()
            let end = Gate()
            await withTaskCancellationHandler {
                await end.pass()
            } onCancel: {
                end.open()
            }
            // Whoever is ended alone has time to end in peace.
            for _ in 0..<100 { await Task.yield() }
            events.add(name)
        }
    }

    private struct Broken: Service {
        struct Breakdown: Error {}
        let name = "broken"
        let after: Gate
        func run() async throws {
            await after.pass()
            throw Breakdown()
        }
    }

    private struct Brief: Service {
        let name = "brief"
        let after: Gate
        func run() async throws { await after.pass() }
    }

    @Test("services end one after another, the last of the list first")
    func order() async throws {
        let (events, begun) = (Recorder<String>(), Gate(3))
        let group = ServiceGroup(["a", "b", "c"].map { Patient(name: $0, events: events, begun: begun) })
        try await group.run { await begun.pass() }
        #expect(events.all == ["c", "b", "a"])
    }

    @Test("one that fails ends the others, and its error is thrown")
    func failure() async throws {
        let (events, begun) = (Recorder<String>(), Gate(2))
        let group = ServiceGroup([
            Patient(name: "a", events: events, begun: begun), Broken(after: begun),
            Patient(name: "b", events: events, begun: begun),
        ])
        await #expect(throws: Broken.Breakdown.self) { try await group.run { await Gate().pass() } }
        #expect(events.all == ["b", "a"])
    }

    @Test("one that returns by itself ends the others too")
    func returns() async throws {
        let (events, begun) = (Recorder<String>(), Gate(1))
        let group = ServiceGroup([Patient(name: "a", events: events, begun: begun), Brief(after: begun)])
        try await group.run { await Gate().pass() }
        #expect(events.all == ["a"])
    }
}
