import Database
import Kernel
import Telemetry
import TestSupport
import Testing

@testable import Jobs

/// What watched kinds promise.
@Suite(.timeLimit(.minutes(5))) struct MonitorContract {
    /// Lets time pass until shortly before or after a deadline, which is looked at every 5 s.
    private func pass(_ seconds: Int, _ office: Office) async {
        office.time.advance(by: .seconds(seconds))
        await office.time.untilSleepers(2)
    }

    @Test(
        "a kind of which nothing is done in time is started again, once per deadline",
        arguments: DatabaseBackend.allCases,
    )
    func missed(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand { errand, _ in mark(errand.name) }
        office.jobs.monitor(Errand(name: "again"), deadline: .seconds(4500), from: .done)
        try await office.working {
            await office.time.untilSleepers(2)
            for round in 1...3 {
                await pass(4490, office)
                #expect(office.jobs.metrics.missedDeadlines.value(Errand.kind) == Double(round - 1))
                await pass(10, office)
                while try await office.marks("again") < round { await Task.yield() }
            }
        }
        #expect(office.jobs.metrics.missedDeadlines.value(Errand.kind) == 3)
    }

    @Test("a job that is done sets the deadline back", arguments: DatabaseBackend.allCases)
    func kept(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand(keepFinished: .zero) { _, _ in mark() }
        office.jobs.monitor(Errand(name: "again"), deadline: .seconds(100), from: .done)
        try await office.working {
            await office.time.untilSleepers(2)
            for round in 1...4 {
                await pass(99, office)
                try await office.jobs.enqueue(Errand())
                while try await office.marks() < round { await Task.yield() }
            }
        }
        #expect(try await office.marks("again") == 0)
        #expect(office.jobs.metrics.missedDeadlines.value(Errand.kind) == 0)
    }

    @Test("a job that was asked for and is not done in time is started again", arguments: DatabaseBackend.allCases)
    func askedFor(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        let (end, isStuck) = (Gate(), Gate())
        office.jobs.onErrand(timeout: .seconds(86_400)) { errand, _ in
            if errand.name == "stuck" {
                isStuck.open()
                await end.pass()
            }
            return mark(errand.name)
        }
        office.jobs.monitor(Errand(name: "again"), deadline: .seconds(100), from: .enqueued)
        // Before any worker has prepared the monitors.
        try await office.jobs.enqueue(Errand(name: "stuck"))
        try await office.working {
            await isStuck.pass()
            await office.time.untilSleepers(2)
            await pass(90, office)
            try await office.jobs.enqueue(Errand(name: "stuck"), notBefore: office.time.now + .seconds(86_400))
            #expect(office.jobs.metrics.missedDeadlines.value(Errand.kind) == 0)
            await pass(10, office)
            while try await office.marks("again") < 1 { await Task.yield() }
            // It is done: nothing is waited for until somebody asks again.
            await pass(1000, office)
            #expect(office.jobs.metrics.missedDeadlines.value(Errand.kind) == 1)
            end.open()
            while try await office.marks("stuck") < 1 { await Task.yield() }
        }
        #expect(try await office.marks("again") == 1)
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
            office.jobs.monitor(Errand(), deadline: .seconds(60), from: .done)
            try await office.jobs.prepareMonitors()
        }
        for round in 1...3 {
            for office in offices { office.time.advance(by: .seconds(60)) }
            try await withThrowingTaskGroup { group in
                for office in offices { group.addTask { try await office.jobs.checkMonitors() } }
                try await group.waitForAll()
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
            office.jobs.monitor(Errand(), deadline: .seconds(seconds), from: .done)
        }
        try await old.jobs.prepareMonitors()
        for office in [same, new] {
            office.time.advance(by: .seconds(70))
            try await office.jobs.prepareMonitors()
            let due: Timestamp? = try await old.database.first("SELECT due_at FROM job_monitor")?.get("due_at")
            #expect(due == old.time.now + .seconds(office.time === same.time ? 100 : 120))
        }
    }
}
