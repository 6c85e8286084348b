import Database
import Kernel
import TestSupport
import Testing

@testable import Jobs

/// How the lanes of a worker share the work. The clock never moves where it is not said, so nothing here is found by
/// polling.
@Suite(.timeLimit(.minutes(5))) struct WorkerContract {
    static let shapes: [(concurrency: Int, batch: Int)] = [
        (1, 1), (2, 1), (3, 1), (3, 2), (2, 16), (8, 1), (8, 16),
    ]

    @Test("as many jobs run at once as the queue allows, and never more", arguments: DatabaseBackend.allCases, shapes)
    func concurrency(backend: DatabaseBackend, shape: (concurrency: Int, batch: Int)) async throws {
        var settings = JobSettings()
        settings.queues["errands"] = QueueSettings(concurrency: shape.concurrency, batch: shape.batch)
        let office = try await Office(backend, settings)
        let meeting = Gate(shape.concurrency)
        let running = Peak()
        let count = 5 * shape.concurrency
        let over = Gate(count)
        office.jobs.onErrand { _, _ in
            running.enter()
            // Without every lane awake this would never open.
            await meeting.meet()
            running.leave()
            return { $0.afterCommit { over.open() } }
        }
        for _ in 0..<count { try await office.jobs.enqueue(Errand()) }
        try await office.working { await over.pass() }
        #expect(running.most == shape.concurrency)
    }

    @Test("no wake-up is lost between producers and lanes", arguments: DatabaseBackend.allCases, shapes)
    func wakeUps(backend: DatabaseBackend, shape: (concurrency: Int, batch: Int)) async throws {
        var settings = JobSettings()
        settings.queues["errands"] = QueueSettings(concurrency: shape.concurrency, batch: shape.batch)
        let office = try await Office(backend, settings)
        let over = Gate(400)
        office.jobs.onErrand(retry: .delays([.zero])) { errand, context in
            if errand.name == "3", context.attempt == 1 { throw Hiccup() }
            return { transaction in
                try mark()(transaction)
                transaction.afterCommit { over.open() }
            }
        }
        try await office.working {
            try await withThrowingTaskGroup { group in
                for producer in 0..<8 {
                    group.addTask {
                        for _ in 0..<50 { try await office.jobs.enqueue(Errand(name: "\(producer)")) }
                    }
                }
                try await group.waitForAll()
            }
            await over.pass()
        }
        #expect(try await office.marks() == 400)
    }

    @Test("a queue that stands still stops no other", arguments: DatabaseBackend.allCases)
    func queuesAreApart(backend: DatabaseBackend) async throws {
        struct Chore: JobArguments { static let kind = "test.chore" }
        let office = try await Office(backend)
        let end = Gate()
        office.jobs.register(
            JobDefinition(Chore.self, queue: "chores", timeout: .seconds(60)) { _, _ in
                await end.pass()
                return noEffect
            }
        )
        office.jobs.onErrand { _, _ in noEffect }
        try await office.working {
            for _ in 0..<5 { try await office.jobs.enqueue(Chore()) }
            try await office.job(try await office.jobs.enqueue(Errand()), in: .done)
            end.open()
        }
    }

    @Test("a worker for some queues leaves the others alone", arguments: DatabaseBackend.allCases)
    func someQueues(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand { _, _ in noEffect }
        let id = try await office.jobs.enqueue(Errand())
        let worker = Task { try await Worker(office.jobs, queues: ["others"]).run() }
        await office.time.untilSleepers(2)
        worker.cancel()
        try await worker.value
        #expect(try await office.jobs.state(of: id)?.state == .ready)
    }

    @Test("what another process enqueued is found within the poll interval", arguments: DatabaseBackend.allCases)
    func polling(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        let other = Office(sharing: office)
        for office in [office, other] { office.jobs.onErrand { _, _ in noEffect } }
        try await office.working {
            await office.time.untilSleepers(2)
            let id = try await other.jobs.enqueue(Errand())
            office.time.advance(by: JobSettings().pollInterval)
            try await office.job(id, in: .done)
        }
    }

    @Test("on a server, what another process enqueued or cancelled is heard at once")
    func announcements() async throws {
        let office = try await Office(.postgresql)
        let other = Office(sharing: office)
        let (begun, stopped) = (Gate(), Gate())
        office.jobs.onErrand { errand, _ in
            if errand.name == "short" { return mark("short") }
            begun.open()
            await park()
            stopped.open()
            try Task.checkCancellation()
            return mark("long")
        }
        other.jobs.onErrand { _, _ in noEffect }
        try await office.working {
            // Nobody moves the clock: no poll can find them.
            await office.time.untilSleepers(2)
            try await office.job(try await other.jobs.enqueue(Errand(name: "short")), in: .done)
            let id = try await other.jobs.enqueue(Errand(name: "long"))
            await begun.pass()
            #expect(try await other.jobs.cancel(id) == .requested)
            await stopped.pass()
            try await office.job(id, in: .cancelled)
        }
        #expect(try await office.marks("short") == 1)
        #expect(try await office.marks("long") == 0)
    }

    @Test("progress is seen while the job runs, at most once per interval", arguments: DatabaseBackend.allCases)
    func progress(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        let time = office.time
        let (first, second) = (Gate(), Gate())
        office.jobs.onErrand { _, context in
            context.progress(0.25, "decoding")
            context.progress(0.5, "too soon")
            await first.pass()
            time.advance(by: .seconds(1))
            // While the first is still being written, another is dropped.
            while !second.isOpen {
                context.progress(7, "")
                await Task.yield()
            }
            return noEffect
        }
        try await office.working {
            let id = try await office.jobs.enqueue(Errand())
            while try await office.jobs.state(of: id)?.progress == nil { await Task.yield() }
            var job = try #require(try await office.jobs.state(of: id))
            #expect((job.progress, job.note) == (0.25, "decoding"))
            first.open()
            while try await office.jobs.state(of: id)?.progress == 0.25 { await Task.yield() }
            job = try #require(try await office.jobs.state(of: id))
            #expect((job.progress, job.note) == (1, nil))
            #expect(try await office.jobs.runningJobs().map(\.id) == [id])
            second.open()
            try await office.job(id, in: .done)
        }
    }

    @Test("finished jobs go when their time is over, the dead later", arguments: DatabaseBackend.allCases)
    func retention(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand(keepFinished: .seconds(100)) { errand, _ in
            if errand.name == "bad" { throw Refusal() }
            return noEffect
        }
        try await office.working {
            let done = try await office.jobs.enqueue(Errand())
            let dead = try await office.jobs.enqueue(Errand(name: "bad"))
            try await office.job(done, in: .done)
            try await office.job(dead, in: .dead)
            office.time.advance(by: .milliseconds(99_999))
            try await office.jobs.sweepFinished()
            #expect(try await office.jobs.state(of: done) != nil)
            office.time.advance(by: .milliseconds(1))
            try await office.jobs.sweepFinished()
            #expect(try await office.jobs.state(of: done) == nil)
            #expect(try await office.jobs.state(of: dead) != nil)
            office.time.advance(by: JobSettings().keepDead)
            try await office.jobs.sweepFinished()
            #expect(try await office.jobs.state(of: dead) == nil)
        }
    }

    @Test("a requeued job is not swept with its old age", arguments: DatabaseBackend.allCases)
    func requeuedStays(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand { _, _ in noEffect }
        let id = try await office.jobs.enqueue(Errand())
        try await office.jobs.cancel(id)
        try await office.jobs.requeue(id)
        office.time.advance(by: JobSettings().keepDead + .seconds(1))
        try await office.jobs.sweepFinished()
        #expect(try await office.jobs.state(of: id)?.state == .ready)
    }
}
