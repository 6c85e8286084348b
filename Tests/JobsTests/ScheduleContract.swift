import Database
import Kernel
import TestSupport
import Testing

@testable import Jobs

/// What schedules promise.
@Suite(.timeLimit(.minutes(5))) struct ScheduleContract {
    @Test("a schedule enqueues once per due time", arguments: DatabaseBackend.allCases)
    func everyHour(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand { _, _ in mark() }
        try office.jobs.schedule(Errand(), cron: "0 * * * *")
        try await office.working {
            await office.time.untilSleepers(2)
            for hour in 1...3 {
                office.time.advance(by: .seconds(3599))
                await office.time.untilSleepers(2)
                #expect(try await office.marks() == hour - 1)
                office.time.advance(by: .seconds(1))
                while try await office.marks() < hour { await Task.yield() }
            }
        }
        #expect(try await office.marks() == 3)
    }

    @Test("what fell due while nothing ran is made up for once", arguments: DatabaseBackend.allCases)
    func madeUp(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand { _, _ in mark() }
        try office.jobs.schedule(Errand(), cron: "*/10 * * * *")
        try await office.working { await office.time.untilSleepers(2) }
        office.time.advance(by: .seconds(7200 + 60))
        try await office.working {
            while try await office.marks() < 1 { await Task.yield() }
            await office.time.untilSleepers(2)
            #expect(try await office.database.first("SELECT COUNT(*) AS n FROM job")?.get("n") == 1)
            office.time.advance(by: .seconds(539))
            await office.time.untilSleepers(2)
            #expect(try await office.marks() == 1)
            office.time.advance(by: .seconds(1))
            while try await office.marks() < 2 { await Task.yield() }
        }
    }

    @Test("of many processes that see the same due time one enqueues", arguments: DatabaseBackend.allCases)
    func oneOfMany(backend: DatabaseBackend) async throws {
        let first = try await Office(backend)
        let offices = [first] + (1..<8).map { _ in Office(sharing: first) }
        for office in offices {
            office.jobs.onErrand { _, _ in noEffect }
            try office.jobs.schedule(Errand(), cron: "0 * * * *")
            _ = try await office.jobs.prepareSchedules()
            office.time.advance(by: .seconds(3600))
        }
        let due = first.time.now
        try await withThrowingTaskGroup(of: Timestamp?.self) { group in
            for office in offices {
                group.addTask { try await office.jobs.fire(office.jobs.schedules[0], due: due) }
            }
            for try await next in group { #expect(next == due + .seconds(3600)) }
        }
        #expect(try await first.jobs.depth(queue: "errands") == 1)
    }

    @Test(
        "of two processes that work, one fires each time, and one makes up for what was missed",
        arguments: DatabaseBackend.allCases,
    )
    func twoWorkers(backend: DatabaseBackend) async throws {
        let first = try await Office(backend)
        let second = Office(sharing: first)
        let offices = [first, second]
        for office in offices {
            office.jobs.onErrand { _, _ in mark() }
            try office.jobs.schedule(Errand(), cron: "0 * * * *")
        }
        func work(for hours: [Int], expecting fired: Int) async throws {
            try await first.working {
                await first.time.untilSleepers(2)
                try await second.working {
                    await second.time.untilSleepers(2)
                    for hours in hours {
                        for office in offices { office.time.advance(by: .seconds(3600 * hours)) }
                        for office in offices { await office.time.untilSleepers(2) }
                    }
                    while try await first.marks() < fired { await Task.yield() }
                }
            }
        }
        try await work(for: [1, 1], expecting: 2)
        // Nobody works for half a day, which is made up for once.
        for office in offices { office.time.advance(by: .seconds(43_200)) }
        try await work(for: [0, 1], expecting: 4)
        #expect(try await first.marks() == 4)
        #expect(try await first.database.first("SELECT COUNT(*) AS n FROM job")?.get("n") == 4)
    }

    @Test("a changed schedule counts from now, an unchanged one keeps its time", arguments: DatabaseBackend.allCases)
    func changed(backend: DatabaseBackend) async throws {
        let old = try await Office(backend)
        let (same, new) = (Office(sharing: old), Office(sharing: old))
        for (office, cron) in [(old, "0 3 * * *"), (same, "0 3 * * *"), (new, "0 4 * * *")] {
            office.jobs.onErrand { _, _ in noEffect }
            try office.jobs.schedule(Errand(), cron: cron, name: "nightly")
        }
        let first = try #require(try await old.jobs.prepareSchedules()["nightly"])
        same.time.advance(by: .seconds(3 * 86_400))
        #expect(try await same.jobs.prepareSchedules()["nightly"] == first)
        #expect(try await new.jobs.prepareSchedules()["nightly"] == first + .seconds(3600))
    }

    @Test("a due job that finds its queue full comes with the next look", arguments: DatabaseBackend.allCases)
    func fullQueue(backend: DatabaseBackend) async throws {
        var settings = JobSettings()
        settings.queues["errands"] = QueueSettings(concurrency: 1, maxDepth: 1)
        let office = try await Office(backend, settings)
        let (begun, end) = (Gate(), Gate())
        office.jobs.onErrand { errand, _ in
            begun.open()
            await end.pass()
            return mark(errand.name)
        }
        try office.jobs.schedule(Errand(name: "scheduled"), cron: "0 * * * *")
        try await office.working {
            try await office.jobs.enqueue(Errand())
            await begun.pass()
            try await office.jobs.enqueue(Errand())
            await office.time.untilSleepers(2)
            office.time.advance(by: .seconds(3600))
            await office.time.untilSleepers(2)
            end.open()
            while try await office.marks() < 1 { await Task.yield() }
            while try await office.marks("scheduled") < 1 {
                office.time.advance(by: .seconds(1))
                await Task.yield()
            }
        }
        #expect(try await office.marks("scheduled") == 1)
    }
}
