import Database
import Jobs
import Kernel
import Telemetry
import TestSupport
import Testing

/// What enqueuing promises.
@Suite(.timeLimit(.minutes(5))) struct EnqueueContract {
    @Test("a job exists exactly if its transaction commits", arguments: DatabaseBackend.allCases)
    func transactional(backend: DatabaseBackend) async throws {
        struct Stop: Error {}
        let office = try await Office(backend)
        office.jobs.onErrand { _, _ in noEffect }
        let (kept, dropped) = (ID<Job>(), ID<Job>())
        try await office.database.transaction { [jobs = office.jobs] transaction in
            try mark()(transaction)
            try jobs.enqueue(Errand(), id: kept, in: transaction)
        }
        await #expect(throws: Stop.self) {
            try await office.database.transaction { [jobs = office.jobs] transaction in
                try jobs.enqueue(Errand(), id: dropped, in: transaction)
                throw Stop()
            }
        }
        #expect(try await office.jobs.state(of: kept)?.state == .ready)
        #expect(try await office.jobs.state(of: dropped) == nil)
    }

    @Test("a job is done together with its effect", arguments: DatabaseBackend.allCases)
    func effect(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand { errand, _ in mark(errand.name) }
        try await office.working {
            let id = try await office.jobs.enqueue(Errand(name: "bread"))
            let job = try await office.job(id, in: .done)
            #expect(try await office.marks("bread") == 1)
            #expect((job.tries, job.progress) == (1, 1))
            #expect(job.finishedAt == office.time.now)
        }
    }

    @Test("a job of which nothing is to be kept is gone when it is done", arguments: DatabaseBackend.allCases)
    func keepsNothing(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        let done = Gate()
        office.jobs.onErrand(keepFinished: .zero) { _, _ in { $0.afterCommit { done.open() } } }
        try await office.working {
            let id = try await office.jobs.enqueue(Errand())
            await done.pass()
            #expect(try await office.jobs.state(of: id) == nil)
        }
    }

    @Test("an unfinished job with the unique key is given instead of a second", arguments: DatabaseBackend.allCases)
    func uniqueKey(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand { _, _ in mark() }
        let ids = try await withThrowingTaskGroup(of: ID<Job>.self) { group in
            for _ in 0..<20 { group.addTask { try await office.jobs.enqueue(Errand(), uniqueKey: "k") } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(ids.count == 1)
        let other = try await office.jobs.enqueue(Errand(), uniqueKey: "other")
        try await office.working {
            for id in ids { try await office.job(id, in: .done) }
            try await office.job(other, in: .done)
            let next = try await office.jobs.enqueue(Errand(), uniqueKey: "k")
            #expect(!ids.contains(next))
            try await office.job(next, in: .done)
        }
        #expect(try await office.marks() == 3)
    }

    @Test("the id that the caller chose makes a repeated enqueue harmless", arguments: DatabaseBackend.allCases)
    func sameID(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand { _, _ in noEffect }
        let id = ID<Job>()
        #expect(try await office.jobs.enqueue(Errand(), id: id) == id)
        #expect(try await office.jobs.enqueue(Errand(), id: id) == id)
        #expect(try await office.jobs.depth(queue: "errands") == 1)
    }

    @Test("the larger priority runs first, then the older job", arguments: DatabaseBackend.allCases)
    func order(backend: DatabaseBackend) async throws {
        var settings = JobSettings()
        settings.queues["errands"] = QueueSettings(concurrency: 1, batch: 4)
        let office = try await Office(backend, settings)
        let (order, over) = (Recorder<String>(), Gate(6))
        office.jobs.onErrand { errand, _ in
            order.add(errand.name)
            over.open()
            return noEffect
        }
        for (name, priority) in [("c", 0), ("a", 5), ("d", 0), ("f", -1), ("b", 5), ("e", 0)] {
            try await office.jobs.enqueue(Errand(name: name), priority: priority)
        }
        try await office.working { await over.pass() }
        #expect(order.all == ["a", "b", "c", "d", "e", "f"])
    }

    @Test(
        "a job does not run before its time, and wakes the worker when it comes",
        arguments: DatabaseBackend.allCases,
    )
    func notBefore(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand { errand, _ in mark(errand.name) }
        let due = office.time.now + .seconds(3600)
        try await office.working {
            let late = try await office.jobs.enqueue(Errand(name: "late"), notBefore: due)
            let now = try await office.jobs.enqueue(Errand(name: "now"))
            try await office.job(now, in: .done)
            #expect(try await office.jobs.state(of: late)?.state == .delayed)
            office.time.advance(by: .seconds(3600))
            let job = try await office.job(late, in: .done)
            #expect(job.startedAt == due)
        }
        #expect(try await office.marks("late") == 1)
    }

    @Test("a full queue refuses with 503 and when to come again", arguments: DatabaseBackend.allCases)
    func full(backend: DatabaseBackend) async throws {
        var settings = JobSettings()
        settings.queues["errands"] = QueueSettings(maxDepth: 3, retryAfter: .seconds(7))
        let office = try await Office(backend, settings)
        office.jobs.onErrand { _, _ in mark() }
        for _ in 0..<3 { try await office.jobs.enqueue(Errand()) }
        let error = await #expect(throws: JobError.self) { try await office.jobs.enqueue(Errand()) }
        #expect(error?.status == 503)
        #expect(error?.retryAfter == .seconds(7))
        #expect(try await office.jobs.depth(queue: "errands") == 3)
        // What waits for its time does not stand in the way of anybody.
        try await office.jobs.enqueue(Errand(), notBefore: office.time.now + .seconds(60))
        try await office.working {
            while try await office.marks() < 3 { await Task.yield() }
            try await office.job(try await office.jobs.enqueue(Errand()), in: .done)
        }
    }

    @Test("what another process enqueued counts against the depth after a second", arguments: DatabaseBackend.allCases)
    func fullByOthers(backend: DatabaseBackend) async throws {
        var settings = JobSettings()
        settings.queues["errands"] = QueueSettings(maxDepth: 3)
        let office = try await Office(backend, settings)
        let other = Office(sharing: office, settings)
        for office in [office, other] { office.jobs.onErrand { _, _ in noEffect } }
        try await office.jobs.enqueue(Errand())
        for _ in 0..<2 { try await other.jobs.enqueue(Errand()) }
        office.time.advance(by: .seconds(1))
        await #expect(throws: JobError.self) { try await office.jobs.enqueue(Errand()) }
    }

    @Test("a kind that nobody registered cannot be enqueued", arguments: DatabaseBackend.allCases)
    func unknown(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        await #expect(throws: JobError.unknownKind("test.errand")) { try await office.jobs.enqueue(Errand()) }
    }

    @Test(
        "a kind that this program does not know stays queued, and lets others of its queue pass",
        arguments: DatabaseBackend.allCases,
    )
    func unknownKindsWait(backend: DatabaseBackend) async throws {
        struct Novelty: JobArguments { static let kind = "test.novelty" }
        let old = try await Office(backend)
        let new = Office(sharing: old)
        new.jobs.register(JobDefinition(Novelty.self, queue: "errands", timeout: .seconds(1)) { _, _ in mark("new") })
        old.jobs.onErrand { _, _ in mark("old") }
        let novelty = try await new.jobs.enqueue(Novelty(), priority: 9)
        let errand = try await old.jobs.enqueue(Errand())
        try await old.working { _ = try await old.job(errand, in: .done) }
        #expect(try await old.jobs.state(of: novelty)?.state == .ready)
        #expect(try await old.jobs.state(of: novelty)?.tries == 0)
        try await new.working { _ = try await new.job(novelty, in: .done) }
        #expect(try await new.marks("new") == 1)
    }

    @Test("the request that enqueued a job is known to its work and its effect", arguments: DatabaseBackend.allCases)
    func requestID(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        let seen = Recorder<String?>()
        office.jobs.onErrand { _, context in
            seen.add(RequestID.current)
            seen.add(context.requestID)
            return { _ in seen.add(RequestID.current) }
        }
        try await office.working {
            let id = try await RequestID.$current.withValue("r-1") { try await office.jobs.enqueue(Errand()) }
            try await office.job(id, in: .done)
        }
        #expect(seen.all == ["r-1", "r-1", "r-1"])
    }
}
