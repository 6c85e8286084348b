import Database
import Kernel
import TestSupport
import Testing

@testable import Jobs

/// What stopping a worker or a job promises.
@Suite(.timeLimit(.minutes(5))) struct StopContract {
    @Test("a worker that stops lets running jobs end within the grace", arguments: DatabaseBackend.allCases)
    func grace(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        let (begun, end) = (Gate(), Gate())
        office.jobs.onErrand { _, _ in
            begun.open()
            await end.pass()
            return mark()
        }
        let worker = Task { try await Worker(office.jobs).run() }
        let id = try await office.jobs.enqueue(Errand())
        await begun.pass()
        worker.cancel()
        // The timer of the grace and the two loops.
        await office.time.untilSleepers(3)
        end.open()
        try await worker.value
        #expect(try await office.jobs.state(of: id)?.state == .done)
        #expect(try await office.marks() == 1)
    }

    @Test("after the grace a job is cancelled and goes back with all its tries", arguments: DatabaseBackend.allCases)
    func afterGrace(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        let (begun, time) = (Gate(), office.time)
        office.jobs.onErrand(retry: .never) { _, _ in
            begun.open()
            try await time.sleep(until: time.now + .seconds(1_000_000))
            return mark()
        }
        let worker = Task { try await Worker(office.jobs).run() }
        let id = try await office.jobs.enqueue(Errand())
        await begun.pass()
        worker.cancel()
        await office.time.untilSleepers(4)
        office.time.advance(by: office.grace)
        try await worker.value
        let job = try #require(try await office.jobs.state(of: id))
        #expect((job.state, job.tries, job.reason) == (.ready, 0, nil))
        #expect(try await office.marks() == 0)
    }

    @Test(
        "a job that hears nothing is left behind, and its late effect is refused",
        arguments: DatabaseBackend.allCases,
    )
    func deaf(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        let (begun, end, ended) = (Gate(), Gate(), Gate())
        office.jobs.onErrand { _, context in
            begun.open()
            await end.pass()
            await #expect(throws: JobLost.self) { try await context.transaction { try mark()($0) } }
            ended.open()
            return mark()
        }
        let worker = Task { try await Worker(office.jobs).run() }
        let id = try await office.jobs.enqueue(Errand())
        await begun.pass()
        worker.cancel()
        await office.time.untilSleepers(3)
        office.time.advance(by: office.grace)
        await office.time.untilSleepers(3)
        office.time.advance(by: JobSettings().abandonAfter)
        try await worker.value
        #expect(try await office.jobs.state(of: id)?.state == .ready)
        end.open()
        await ended.pass()
        #expect(try await office.marks() == 0)
        #expect(try await office.database.query("SELECT id FROM job_worker").isEmpty)
    }

    @Test("jobs that were claimed and not begun go back at once", arguments: DatabaseBackend.allCases)
    func claimedJobsGoBack(backend: DatabaseBackend) async throws {
        var settings = JobSettings()
        settings.queues["errands"] = QueueSettings(concurrency: 1, batch: 16)
        let office = try await Office(backend, settings)
        let (begun, end) = (Gate(), Gate())
        office.jobs.onErrand { _, _ in
            begun.open()
            await end.pass()
            return mark()
        }
        for _ in 0..<10 { try await office.jobs.enqueue(Errand()) }
        let worker = Task { try await Worker(office.jobs).run() }
        await begun.pass()
        #expect(try await office.jobs.counts() == [JobCount(queue: "errands", state: .running, count: 10)])
        worker.cancel()
        while try await office.jobs.depth(queue: "errands") < 9 { await Task.yield() }
        end.open()
        try await worker.value
        #expect(try await office.jobs.counts() == [JobCount(queue: "errands", state: .ready, count: 9)])
        #expect(try await office.marks() == 1)
        try await office.working { while try await office.marks() < 10 { await Task.yield() } }
    }

    @Test("a worker whose disk stays full ends all the same", arguments: DatabaseBackend.allCases)
    func fullDisk(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        let (begun, ended) = (Gate(), Gate())
        office.jobs.onErrand { _, _ in
            { _ in
                begun.open()
                throw DatabaseError.diskFull
            }
        }
        let worker = Task {
            try await Worker(office.jobs).run()
            ended.open()
        }
        let id = try await office.jobs.enqueue(Errand())
        await begun.pass()
        worker.cancel()
        while !ended.isOpen {
            office.time.advance(by: .seconds(1))
            await Task.yield()
        }
        #expect(try await office.jobs.state(of: id)?.state.isFinished == false)
        #expect(try await office.jobs.state(of: id)?.state != .running)
    }

    @Test("a waiting job that is cancelled never runs", arguments: DatabaseBackend.allCases)
    func cancelWaiting(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand(onDead: { _, failure, transaction in try mark(failure.code)(transaction) }) { _, _ in
            mark("ran")
        }
        let id = try await office.jobs.enqueue(Errand())
        let late = try await office.jobs.enqueue(Errand(), notBefore: office.time.now + .seconds(5))
        #expect(try await office.jobs.cancel(id) == .cancelled)
        #expect(try await office.jobs.cancel(late) == .cancelled)
        #expect(try await office.jobs.cancel(id) == .nothing)
        let other = try await office.jobs.enqueue(Errand())
        try await office.working { _ = try await office.job(other, in: .done) }
        #expect(try await office.jobs.state(of: id)?.state == .cancelled)
        #expect(try await office.marks("cancelled") == 2)
        #expect(try await office.marks("ran") == 1)
    }

    @Test("a running job that is cancelled is told, and its effect never happens", arguments: DatabaseBackend.allCases)
    func cancelRunning(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        let (begun, time) = (Gate(), office.time)
        office.jobs.onErrand(onDead: { _, failure, transaction in try mark(failure.code)(transaction) }) { _, _ in
            begun.open()
            try? await time.sleep(until: time.now + .seconds(1_000_000))
            return mark("effect")
        }
        try await office.working {
            let id = try await office.jobs.enqueue(Errand())
            await begun.pass()
            #expect(try await office.jobs.cancel(id) == .requested)
            try await office.job(id, in: .cancelled)
        }
        #expect(try await office.marks("effect") == 0)
        #expect(try await office.marks("cancelled") == 1)
    }

    @Test("a cancelled job that hears nothing is soon left to itself", arguments: DatabaseBackend.allCases)
    func cancelDeaf(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        let (begun, end) = (Gate(), Gate())
        office.jobs.onErrand { _, _ in
            begun.open()
            await end.pass()
            return mark()
        }
        try await office.working {
            let id = try await office.jobs.enqueue(Errand())
            await begun.pass()
            #expect(try await office.jobs.cancel(id) == .requested)
            await office.time.untilSleepers(2)
            office.time.advance(by: JobSettings().abandonAfter)
            try await office.job(id, in: .cancelled)
            end.open()
        }
        #expect(try await office.marks() == 0)
    }

    @Test("a job that another process cancels is told within the poll interval", arguments: DatabaseBackend.allCases)
    func cancelElsewhere(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        let other = Office(sharing: office)
        let (begun, time) = (Gate(), office.time)
        office.jobs.onErrand { _, _ in
            begun.open()
            try await time.sleep(until: time.now + .seconds(1_000_000))
            return mark()
        }
        try await office.working {
            let id = try await office.jobs.enqueue(Errand())
            await begun.pass()
            await office.time.untilSleepers(3)
            #expect(try await other.jobs.cancel(id) == .requested)
            office.time.advance(by: JobSettings().pollInterval)
            try await office.job(id, in: .cancelled)
        }
    }

    @Test("on a server, a job that is put back in this moment is cancelled all the same")
    func cancelWhilePutBack() async throws {
        let office = try await Office(.postgresql)
        office.jobs.onErrand { _, _ in noEffect }
        let id = try await office.jobs.enqueue(Errand())
        let job = try await office.claimElsewhere(id)
        let (store, now) = (office.jobs.store, office.time.now)
        let cancellation = try await office.during { transaction in
            let later = now + .seconds(9)
            try store.putBack(job, runAt: later, now: now, isExcused: false, failure: nil, in: transaction)
        } try: {
            try await office.jobs.cancel(id)
        }
        #expect(cancellation == .cancelled)
        #expect(try await office.jobs.state(of: id)?.state == .cancelled)
    }

    @Test("on a server, a job that is brought back in this moment is not swept")
    func sweepWhileRequeued() async throws {
        let office = try await Office(.postgresql)
        office.jobs.onErrand { _, _ in noEffect }
        let id = try await office.jobs.enqueue(Errand())
        try await office.jobs.cancel(id)
        office.time.advance(by: JobSettings().keepDead)
        let jobs = office.jobs
        try await office.during { transaction in
            try jobs.requeue(id, in: transaction)
        } try: {
            try await jobs.sweepFinished()
        }
        #expect(try await office.jobs.state(of: id)?.state == .ready)
    }
}

extension Office {
    /// Commits a transaction when `body`, begun after its last statement, waits for its locks.
    func during<Value: Sendable>(
        _ transaction: @escaping @Sendable (any Transaction) throws -> Void,
        try body: @escaping @Sendable () async throws -> Value,
    ) async throws -> Value {
        let (changed, end) = (Gate(), Semaphore())
        async let changing: Void = database.transaction {
            try transaction($0)
            changed.open()
            end.wait()
        }
        await changed.pass()
        async let value = body()
        while try await database.query(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        ).isEmpty { await Task.yield() }
        end.signal()
        try await changing
        return try await value
    }

    var grace: Duration { JobSettings().grace }
}
