import Database
import Kernel
import Telemetry
import TestSupport
import Testing

@testable import Jobs

/// What queues promise whose concurrency follows their waits.
@Suite(.timeLimit(.minutes(5))) struct ScalingContract {
    private static func settings(min: Int, max: Int) -> JobSettings {
        var settings = JobSettings()
        settings.queues["errands"] = QueueSettings(scaling: .adaptive(ScalingPolicy(min: min, max: max)))
        // Only the scaling goes by this clock here: a timeout or a lost lease would be another test.
        settings.lease = .seconds(3600)
        return settings
    }

    @Test(
        "jobs that wait get more lanes at once, and idle lanes go after a while",
        arguments: DatabaseBackend.allCases,
    )
    func growsAndShrinks(backend: DatabaseBackend) async throws {
        let office = try await Office(backend, Self.settings(min: 1, max: 12))
        let (begun, end, peak) = (Gate(12), Gate(), Peak())
        office.jobs.onErrand(timeout: .seconds(3600)) { _, _ in
            peak.enter()
            begun.open()
            await end.pass()
            peak.leave()
            return mark()
        }
        try await office.working {
            await office.time.untilSleepers(2)
            for _ in 0..<30 { try await office.jobs.enqueue(Errand()) }
            while office.jobs.metrics.running.value("errands") < 1 { await Task.yield() }
            while !begun.isOpen {
                office.time.advance(by: .seconds(5))
                await office.time.untilSleepers(2)
                await Task.yield()
            }
            #expect(office.jobs.metrics.concurrency.value("errands") == 12)
            #expect(office.jobs.metrics.limitingFactor.value("errands", "max") == 1)
            let overview = try #require(try await office.jobs.overview().first)
            #expect((overview.concurrency, overview.workers, overview.limitingFactor) == (12, 1, .max))
            end.open()
            while try await office.marks() < 30 { await Task.yield() }
            while office.jobs.metrics.concurrency.value("errands") > 1 {
                office.time.advance(by: .seconds(5))
                await office.time.untilSleepers(2)
                await Task.yield()
            }
            // One lane is left, and it works.
            try await office.jobs.enqueue(Errand())
            while try await office.marks() < 31 { await Task.yield() }
        }
        #expect(peak.most == 12)
    }

    @Test("a process without memory keeps the concurrency of all where it is", arguments: DatabaseBackend.allCases)
    func memory(backend: DatabaseBackend) async throws {
        let room = Box<Int64?>(0)
        var settings = Self.settings(min: 1, max: 12)
        settings.memoryRoom = { room.value }
        let office = try await Office(backend, settings)
        let end = Gate()
        office.jobs.onErrand(timeout: .seconds(360_000)) { _, _ in
            await end.pass()
            return mark()
        }
        func pass(until isSo: () -> Bool) async {
            while !isSo() {
                office.time.advance(by: .seconds(5))
                await office.time.untilSleepers(2)
                await Task.yield()
            }
        }
        try await office.working {
            await office.time.untilSleepers(2)
            for _ in 0..<30 { try await office.jobs.enqueue(Errand()) }
            await pass { office.jobs.metrics.limitingFactor.value("errands", "memory") == 1 }
            #expect(office.jobs.metrics.concurrency.value("errands") == 1)
            #expect(try await office.jobs.overview().first?.limitingFactor == .memory)
            room.value = 100 << 20
            await pass { office.jobs.metrics.concurrency.value("errands") == 12 }
            #expect(office.jobs.metrics.limitingFactor.value("errands", "memory") == 0)
            end.open()
            while try await office.marks() < 30 { await Task.yield() }
        }
    }

    @Test("of many processes one decides", arguments: DatabaseBackend.allCases)
    func oneDecides(backend: DatabaseBackend) async throws {
        let settings = Self.settings(min: 1, max: 100)
        let first = try await Office(backend, settings)
        let offices = [first] + (1..<6).map { _ in Office(sharing: first, settings) }
        let policy = ScalingPolicy(min: 1, max: 100)
        for office in offices { office.jobs.onErrand { _, _ in noEffect } }
        #expect(try await first.jobs.rescale("errands", policy).concurrency == 1)
        try await first.jobs.enqueue(Errand())
        // The job has waited 5 and 10 times as long as it should.
        for expected in [16, 41] {
            for office in offices { office.time.advance(by: .seconds(5)) }
            let seen = try await withThrowingTaskGroup(of: Int.self) { group in
                for office in offices {
                    group.addTask { try await office.jobs.rescale("errands", policy).concurrency }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(seen == Array(repeating: expected, count: offices.count))
        }
        let now = first.time.now
        #expect(
            try await offices[5].jobs.rescale("errands", policy).history == [
                ScalingChange(at: now - .seconds(5), from: 1, to: 16, pressure: 1, reason: .queueWait),
                ScalingChange(at: now, from: 16, to: 41, pressure: 1, reason: .queueWait),
            ],
            "all of them know what was decided",
        )
    }

    @Test("processes share the lanes of a queue out", arguments: [DatabaseBackend.postgresql])
    func sharesOut(backend: DatabaseBackend) async throws {
        let settings = Self.settings(min: 7, max: 7)
        let first = try await Office(backend, settings)
        let second = Office(sharing: first, settings)
        for office in [first, second] { office.jobs.onErrand { _, _ in noEffect } }
        try await first.working {
            await first.time.untilSleepers(2)
            #expect(first.jobs.metrics.concurrency.value("errands") == 7)
            try await second.working {
                await second.time.untilSleepers(2)
                first.time.advance(by: .seconds(5))
                await first.time.untilSleepers(2)
                let lanes = [first, second].map { $0.jobs.metrics.concurrency.value("errands") }
                #expect(lanes.sorted() == [3, 4])
            }
            first.time.advance(by: .seconds(5))
            await first.time.untilSleepers(2)
            #expect(first.jobs.metrics.concurrency.value("errands") == 7)
        }
    }
}
