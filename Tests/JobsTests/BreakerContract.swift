import Database
import Kernel
import Telemetry
import TestSupport
import Testing

@testable import Jobs

/// What becomes of kinds that keep failing.
@Suite(.timeLimit(.minutes(5))) struct BreakerContract {
    /// A store that is away.
    struct Outage: Failure {
        var status: Int { 503 }
        var code: String { "away" }
        var message: String { "Not now." }
        var isOutage: Bool { true }
    }

    private static func register(
        _ jobs: JobQueue,
        _ breaker: CircuitBreaker,
        retry: RetryPolicy = .never,
        work: @escaping @Sendable (Errand, JobContext) async throws -> JobEffect,
    ) {
        jobs.register(
            JobDefinition(
                Errand.self,
                queue: "errands",
                retry: retry,
                timeout: .seconds(60),
                breaker: breaker,
                work: work,
            )
        )
    }

    @Test("a pause that no breaker of this program would end is forgotten", arguments: DatabaseBackend.allCases)
    func breakerTakenAway(backend: DatabaseBackend) async throws {
        let office = try await Office(backend, Self.oneLane)
        try await office.database.execute(
            """
            INSERT INTO job_breaker (kind, queue, state, resume_at) VALUES (\(Errand.kind), 'errands', 'open', NULL),
                ('of.another.program', 'others', 'open', NULL), (\(Chore.kind), 'errands', 'open', 9999999999999)
            """
        )
        office.jobs.register(JobDefinition(Errand.self, queue: "errands", timeout: .seconds(60)) { _, _ in noEffect })
        office.jobs.register(JobDefinition(Chore.self, queue: "errands", timeout: .seconds(60)) { _, _ in noEffect })
        try await office.working {
            while try await office.database.query("SELECT kind FROM job_breaker").count == 3 { await Task.yield() }
        }
        let left = try await office.database.query("SELECT kind FROM job_breaker")
        #expect(try Set(left.map { try $0.get("kind", as: String.self) }) == ["of.another.program", Chore.kind])
    }

    /// Has a breaker in a newer program, as its pause ends by itself.
    private struct Chore: JobArguments {
        static let kind = "chores"
    }

    private static let oneLane: JobSettings = {
        var settings = JobSettings()
        settings.queues["errands"] = QueueSettings(concurrency: 1, batch: 4)
        return settings
    }()

    @Test(
        "after so many failures jobs wait without losing tries, also after a restart, until a person resumes them",
        arguments: DatabaseBackend.allCases,
        [Errand.kind, "errands"],
    )
    func byHand(backend: DatabaseBackend, name: String) async throws {
        let broken = try await Office(backend, Self.oneLane)
        let breaker = CircuitBreaker(failures: 3, within: .seconds(60))
        let works = Recorder<String>()
        Self.register(broken.jobs, breaker) { errand, _ in
            works.add(errand.name)
            throw Hiccup()
        }
        var ids: [ID<Job>] = []
        for number in 0..<6 { ids.append(try await broken.jobs.enqueue(Errand(name: "\(number)"))) }
        try await broken.working {
            for id in ids[..<3] { try await broken.job(id, in: .dead) }
            for id in ids[3...] { #expect(try await broken.job(id, in: .ready).tries == 0) }
            #expect(broken.jobs.metrics.breakerOpen.value(Errand.kind) == 1)
        }
        #expect(works.all == ["0", "1", "2"])
        let mended = Office(sharing: broken, Self.oneLane)
        Self.register(mended.jobs, breaker) { errand, _ in mark(errand.name) }
        try await mended.working {
            await mended.time.untilSleepers(2)
            mended.time.advance(by: .seconds(3600))
            await mended.time.untilSleepers(2)
            #expect(try await mended.jobs.depth(queue: "errands") == 3)
            let paused = try #require(try await mended.jobs.overview().first?.paused.first)
            #expect((paused.kind, paused.state, paused.reason) == (Errand.kind, .open, "hiccup"))
            #expect((paused.since, paused.resumesAt) == (broken.time.now, nil))
            #expect(try await mended.jobs.resume("nothing") == [])
            #expect(try await mended.jobs.resume(name) == [Errand.kind])
            for id in ids[3...] { #expect(try await mended.job(id, in: .done).tries == 1) }
            #expect(mended.jobs.metrics.breakerOpen.value(Errand.kind) == 0)
        }
        #expect(try await mended.jobs.overview().first?.paused == [])
    }

    @Test("failures that lie far apart, and outages of stores, open nothing", arguments: DatabaseBackend.allCases)
    func closed(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        let isMended = Gate()
        Self.register(office.jobs, CircuitBreaker(failures: 2, within: .seconds(60))) { errand, context in
            if errand.name == "outage" && !isMended.isOpen { throw Outage() }
            if errand.name == "hiccup" { throw Hiccup() }
            return mark()
        }
        try await office.working {
            for _ in 0..<3 {
                try await office.job(try await office.jobs.enqueue(Errand(name: "hiccup")), in: .dead)
                await office.time.untilSleepers(2)
                office.time.advance(by: .seconds(60))
            }
            var ids: [ID<Job>] = []
            for _ in 0..<5 { ids.append(try await office.jobs.enqueue(Errand(name: "outage"))) }
            for id in ids { try await office.job(id, in: .delayed) }
            try await office.job(try await office.jobs.enqueue(Errand()), in: .done)
        }
        #expect(try await office.jobs.overview().first?.paused == [])
    }

    @Test(
        "after its time one job finds out: its failure pauses the kind anew, its success lets all go on",
        arguments: DatabaseBackend.allCases,
    )
    func halfOpen(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        let (isMended, works) = (Gate(), Recorder<String>())
        let breaker = CircuitBreaker(failures: 1, within: .seconds(60), resumeAfter: .seconds(300))
        Self.register(office.jobs, breaker) { errand, _ in
            works.add(errand.name)
            if !isMended.isOpen { throw Hiccup() }
            return mark()
        }
        try await office.working {
            try await office.job(try await office.jobs.enqueue(Errand(name: "0")), in: .dead)
            while office.jobs.metrics.breakerOpen.value(Errand.kind) < 1 { await Task.yield() }
            var ids: [ID<Job>] = []
            for number in 1...4 { ids.append(try await office.jobs.enqueue(Errand(name: "\(number)"))) }
            for (round, id) in ids[..<2].enumerated() {
                await office.time.untilSleepers(2)
                office.time.advance(by: .seconds(299))
                await office.time.untilSleepers(2)
                #expect(works.all.count == round + 1)
                office.time.advance(by: .seconds(1))
                try await office.job(id, in: .dead)
                await office.time.untilSleepers(2)
                #expect(works.all.count == round + 2)
            }
            isMended.open()
            office.time.advance(by: .seconds(300))
            for id in ids[2...] { try await office.job(id, in: .done) }
            #expect(office.jobs.metrics.breakerOpen.value(Errand.kind) == 0)
        }
        #expect(works.all == ["0", "1", "2", "3", "4"])
    }

    @Test(
        "of many processes one lets a job through, and another does when that one dies",
        arguments: DatabaseBackend.allCases,
    )
    func oneProbe(backend: DatabaseBackend) async throws {
        let first = try await Office(backend)
        let offices = [first] + (1..<6).map { _ in Office(sharing: first) }
        let breaker = CircuitBreaker(failures: 1, within: .seconds(60), resumeAfter: .seconds(10))
        for office in offices {
            Self.register(office.jobs, breaker) { errand, _ in
                if errand.name == "broken" { throw Hiccup() }
                return mark()
            }
        }
        try await first.working {
            _ = try await first.job(try await first.jobs.enqueue(Errand(name: "broken")), in: .dead)
        }
        for _ in 0..<3 { try await first.jobs.enqueue(Errand()) }
        for _ in 0..<2 {
            for office in offices { office.time.advance(by: .seconds(10)) }
            let holder = ID<JobWorker>()
            try await first.database.transaction { [leases = first.jobs.leases, now = first.time.now] in
                try leases.register(holder, of: [], now: now, in: $0)
            }
            let claim = Claim(queue: "errands", kinds: [Errand.kind], limit: 1, holder: holder)
            let claimed = try await withThrowingTaskGroup(of: Int.self) { group in
                for office in offices {
                    group.addTask {
                        guard try await !office.jobs.readBreakers().isEmpty else { return 0 }
                        return try await office.jobs.claimProbe(claim, of: Errand.kind).count
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(claimed == 1)
            // It dies, and somebody sees that its job is nobody's.
            try await first.jobs.loseEverybodyElse()
            _ = try await first.jobs.readBreakers()
        }
    }
}
