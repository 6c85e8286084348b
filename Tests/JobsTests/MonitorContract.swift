import Database
import Kernel
import Telemetry
import TestSupport
import Testing

@testable import Jobs

/// What watched kinds promise.
@Suite(.timeLimit(.minutes(1))) struct MonitorContract {
    @Test(
        "a kind of which nothing is done in time is started again, once per deadline",
        arguments: DatabaseBackend.allCases,
    )
    func missed(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand { errand, _ in mark(errand.name) }
        office.jobs.monitor(Errand(name: "again"), deadline: .seconds(4500))
        try await office.working {
            await office.time.untilSleepers(2)
            office.time.advance(by: .seconds(4499))
            await office.time.untilSleepers(2)
            #expect(office.jobs.metrics.missedDeadlines.value(Errand.kind) == 0)
            office.time.advance(by: .seconds(1))
            while try await office.marks("again") < 1 { await Task.yield() }
            office.time.advance(by: .seconds(4499))
            await office.time.untilSleepers(2)
            #expect(office.jobs.metrics.missedDeadlines.value(Errand.kind) == 1)
            office.time.advance(by: .seconds(1))
            while try await office.marks("again") < 2 { await Task.yield() }
        }
        #expect(office.jobs.metrics.missedDeadlines.value(Errand.kind) == 2)
    }

    @Test("a job that is done sets the deadline back", arguments: DatabaseBackend.allCases)
    func kept(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand(keepFinished: .zero) { _, _ in mark() }
        office.jobs.monitor(Errand(name: "again"), deadline: .seconds(100))
        try await office.working {
            for round in 1...4 {
                await office.time.untilSleepers(2)
                office.time.advance(by: .seconds(99))
                await office.time.untilSleepers(2)
                try await office.jobs.enqueue(Errand())
                while try await office.marks() < round { await Task.yield() }
            }
        }
        #expect(try await office.marks("again") == 0)
        #expect(office.jobs.metrics.missedDeadlines.value(Errand.kind) == 0)
    }

    @Test(
        "while the started job is unfinished no second is stored, in however many processes",
        arguments: DatabaseBackend.allCases,
    )
    func oneOfMany(backend: DatabaseBackend) async throws {
        let first = try await Office(backend)
        let offices = [first] + (1..<6).map { _ in Office(sharing: first) }
        for office in offices {
            office.jobs.onErrand { _, _ in noEffect }
            office.jobs.monitor(Errand(), deadline: .seconds(60))
            _ = try await office.jobs.prepareMonitors()
        }
        for round in 1...3 {
            for office in offices { office.time.advance(by: .seconds(60)) }
            try await withThrowingTaskGroup(of: Timestamp?.self) { group in
                for office in offices { group.addTask { try await office.jobs.check(office.jobs.monitors[0]) } }
                for try await due in group { #expect(due == first.time.now + .seconds(60)) }
            }
            #expect(try await first.jobs.depth(queue: "errands") == 1)
            #expect(offices.map { $0.jobs.metrics.missedDeadlines.value(Errand.kind) }.reduce(0, +) == Double(round))
        }
    }

    @Test("a changed deadline counts from now, an unchanged one goes on", arguments: DatabaseBackend.allCases)
    func changed(backend: DatabaseBackend) async throws {
        let old = try await Office(backend)
        let (same, new) = (Office(sharing: old), Office(sharing: old))
        for (office, seconds) in [(old, 100), (same, 100), (new, 50)] {
            office.jobs.onErrand { _, _ in noEffect }
            office.jobs.monitor(Errand(), deadline: .seconds(seconds))
        }
        let due = try await old.jobs.prepareMonitors()
        same.time.advance(by: .seconds(500))
        #expect(try await same.jobs.prepareMonitors() == due)
        #expect(try await new.jobs.prepareMonitors() == [Errand.kind: new.time.now + .seconds(50)])
    }
}
