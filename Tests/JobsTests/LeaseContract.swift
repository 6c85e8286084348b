import Database
import Dispatch
import Kernel
import Telemetry
import TestSupport
import Testing

@testable import Jobs

/// What happens when processes die, pause or lose their jobs.
@Suite(.timeLimit(.minutes(5))) struct LeaseContract {
    @Test(
        "a job whose process went silent is finished by another after the lease, once",
        arguments: DatabaseBackend.allCases,
    )
    func silentProcess(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand { _, _ in mark() }
        try await office.working {
            // A worker that starts on SQLite takes every other for dead: it must have started.
            await office.time.untilSleepers(2)
            let id = try await office.jobs.enqueue(Errand(), notBefore: office.time.now + .seconds(1))
            let stale = try await office.claimElsewhere(id)
            // A process is dead when its heartbeat is older than the lease, not as old; a server's clock stands never.
            let lease = office.jobs.settings.lease
            let almost = backend == .sqlite ? lease : lease / 2
            try await office.passTime(almost)
            try await office.jobs.reap()
            #expect(try await office.jobs.state(of: id)?.state == .running)
            try await office.passTime(lease - almost + .milliseconds(1))
            try await office.jobs.reap()
            let done = try await office.job(id, in: .done)
            #expect(done.tries == 1)
            #expect(office.jobs.metrics.lost.value("errands") == 1)
            let definition = try #require(office.jobs.definition(Errand.kind))
            await #expect(throws: JobLost.self) {
                _ = try await office.jobs.finish(stale, definition, mark("stale"), claiming: nil)
            }
        }
        #expect(try await office.marks() == 1)
        #expect(try await office.marks("stale") == 0)
    }

    @Test(
        "a worker looks for the dead by itself and takes their jobs within five seconds after the lease",
        arguments: DatabaseBackend.allCases,
    )
    func foundByItself(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand { _, _ in mark() }
        try await office.working {
            await office.time.untilSleepers(2)
            let id = try await office.jobs.enqueue(Errand(), notBefore: office.time.now + .seconds(1))
            _ = try await office.claimElsewhere(id)
            try await office.passTime(office.jobs.settings.lease / 2)
            await office.time.untilSleepers(2)
            #expect(try await office.jobs.state(of: id)?.state == .running)
            try await office.passTime(office.jobs.settings.lease / 2)
            await office.time.untilSleepers(2)
            try await office.passTime(.seconds(5))
            // Both loops sleep again: whoever has not looked by now looks too late.
            await office.time.untilSleepers(2)
            try #require(office.jobs.metrics.lost.value("errands") == 1)
            #expect(try await office.job(id, in: .done).tries == 1)
        }
        #expect(try await office.marks() == 1)
    }

    @Test("on a server, a process whose clock stands loses its job to another that looks by itself, and has no effect")
    func standingClock() async throws {
        let silent = try await Office(.postgresql)
        let living = Office(sharing: silent)
        let (begun, end) = (Gate(), Gate())
        silent.jobs.onErrand { _, _ in
            begun.open()
            await end.pass()
            return mark("silent")
        }
        living.jobs.onErrand { _, _ in mark("living") }
        try await silent.working {
            let id = try await silent.jobs.enqueue(Errand())
            await begun.pass()
            try await living.working {
                await living.time.untilSleepers(2)
                try await living.passTime(living.jobs.settings.lease + .seconds(5))
                #expect(try await living.job(id, in: .done).tries == 1)
            }
            end.open()
        }
        #expect(try await silent.marks("living") == 1)
        #expect(try await silent.marks("silent") == 0)
    }

    @Test("on a server, two processes that find the same dead one do not wait for each other")
    func reapingTogether() async throws {
        let office = try await Office(.postgresql)
        office.jobs.onErrand { _, _ in noEffect }
        let id = try await office.jobs.enqueue(Errand())
        _ = try await office.claimElsewhere(id)
        try await office.database.execute("DELETE FROM job_worker")
        let (released, end) = (Gate(), DispatchSemaphore(value: 0))
        async let there = office.database.transaction { [leases = office.jobs.leases] transaction in
            let queues = try leases.releaseLost(maxLosses: 3, in: transaction).queues
            released.open()
            end.wait()
            return queues
        }
        await released.pass()
        let here = try await office.database.transaction { [leases = office.jobs.leases] in
            try leases.releaseLost(maxLosses: 3, in: $0).queues
        }
        end.signal()
        #expect(here.isEmpty)
        #expect(try await there == ["errands"])
        #expect(try await office.jobs.state(of: id)?.state == .ready)
    }

    @Test(
        "a restarted process takes over at once, and the effect of the one before is refused",
        arguments: DatabaseBackend.allCases,
    )
    func restart(backend: DatabaseBackend) async throws {
        let first = try await Office(backend)
        let second = Office(sharing: first)
        let (begun, end) = (Gate(), Gate())
        first.jobs.onErrand { _, context in
            begun.open()
            await end.pass()
            await #expect(throws: JobLost.self) { try await context.transaction { try mark("first")($0) } }
            return mark("first")
        }
        second.jobs.onErrand { _, _ in mark("second") }
        try await first.working {
            let id = try await first.jobs.enqueue(Errand())
            await begun.pass()
            try await second.working {
                // Until its worker has started, it would be among everybody else.
                await second.time.untilSleepers(2)
                try await second.jobs.loseEverybodyElse()
                let done = try await second.job(id, in: .done)
                #expect(done.tries == 1)
            }
            end.open()
        }
        #expect(try await first.marks("first") == 0)
        #expect(try await first.marks("second") == 1)
    }

    @Test(
        "a process that was taken for dead stops its jobs, begins none it had claimed, and goes on under a new lease",
        arguments: DatabaseBackend.allCases,
    )
    func leaseLost(backend: DatabaseBackend) async throws {
        var settings = JobSettings()
        settings.queues["errands"] = QueueSettings(concurrency: 1, batch: 4)
        let office = try await Office(backend, settings)
        let (begun, order) = (Gate(), Recorder<String>())
        let time = office.time
        office.jobs.onErrand { errand, context in
            order.add("\(errand.name) \(context.attempt)")
            guard order.all.count == 1 else { return mark(errand.name) }
            begun.open()
            try await time.sleep(until: time.now + .seconds(1_000_000))
            return mark("late")
        }
        let (a, b) = (
            try await office.jobs.enqueue(Errand(name: "a")), try await office.jobs.enqueue(Errand(name: "b")),
        )
        try await office.working {
            await begun.pass()
            try await office.database.execute("DELETE FROM job_worker")
            try await office.jobs.recoverLost()
            await office.time.untilSleepers(3)
            office.time.advance(by: office.jobs.settings.lease / 3)
            try await office.job(a, in: .done)
            try await office.job(b, in: .done)
        }
        #expect(order.all == ["a 1", "a 1", "b 1"])
        #expect(try await office.marks("a") == 1)
        #expect(try await office.marks("b") == 1)
        #expect(try await office.marks("late") == 0)
    }

    @Test("a pause of the whole machine costs nobody its jobs", arguments: DatabaseBackend.allCases)
    func pause(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        let (begun, end) = (Gate(), Gate())
        office.jobs.onErrand(timeout: .seconds(100_000)) { _, _ in
            begun.open()
            await end.pass()
            return mark()
        }
        try await office.working {
            let id = try await office.jobs.enqueue(Errand())
            await begun.pass()
            office.time.advance(by: .seconds(3600))
            try await office.jobs.reap()
            end.open()
            #expect(try await office.job(id, in: .done).tries == 1)
        }
        #expect(office.jobs.metrics.lost.value("errands") == 0)
    }

    @Test("a job that keeps killing its process is given up", arguments: DatabaseBackend.allCases)
    func poison(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand(onDead: { _, failure, transaction in try mark(failure.code)(transaction) }) { _, _ in
            noEffect
        }
        let id = try await office.jobs.enqueue(Errand())
        for crash in 1...office.jobs.settings.maxLosses {
            #expect(try await office.jobs.state(of: id)?.state == .ready, "before crash \(crash)")
            _ = try await office.claimElsewhere(id)
            try await office.jobs.loseEverybodyElse()
        }
        let dead = try #require(try await office.jobs.state(of: id))
        #expect((dead.state, dead.reason?.code) == (.dead, "keeps_crashing"))
        #expect(try await office.marks("keeps_crashing") == 1)
    }

    @Test(
        "a cancellation that a dying process did not hear ends the job all the same",
        arguments: DatabaseBackend.allCases,
    )
    func cancelledInVain(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand(onDead: { _, failure, transaction in try mark(failure.code)(transaction) }) { _, _ in
            mark("ran")
        }
        let id = try await office.jobs.enqueue(Errand())
        _ = try await office.claimElsewhere(id)
        #expect(try await office.jobs.cancel(id) == .requested)
        try await office.passTime(office.jobs.settings.lease + .milliseconds(1))
        try await office.working { _ = try await office.job(id, in: .cancelled) }
        #expect(try await office.marks("cancelled") == 1)
        #expect(try await office.marks("ran") == 0)
    }

    @Test("on a server, a claim whose answer was lost goes back, and what is being worked on does not")
    func strays() async throws {
        let office = try await Office(.postgresql)
        let (begun, end) = (Gate(), Gate())
        office.jobs.onErrand { errand, _ in
            if errand.name == "held" {
                begun.open()
                await end.pass()
            }
            return mark(errand.name)
        }
        try await office.working {
            let held = try await office.jobs.enqueue(Errand(name: "held"))
            await begun.pass()
            // The worker's own look at its start is over, and the clock stands.
            await office.time.untilSleepers(2)
            let holder = try #require(office.jobs.running.workers.first)
            let stray = try await office.database.transaction { [jobs = office.jobs] transaction in
                let id = try jobs.enqueue(Errand(name: "stray"), in: transaction)
                let claim = Claim(queue: "errands", kinds: [Errand.kind], limit: 1, holder: holder)
                #expect(try jobs.store.claim(claim, now: jobs.time.now, in: transaction).map(\.id) == [id])
                return id
            }
            try await office.jobs.reap()
            #expect(try await office.jobs.state(of: stray)?.state == .running)
            try await office.jobs.reap()
            #expect(try await office.job(stray, in: .done).tries == 1)
            #expect(try await office.jobs.state(of: held)?.state == .running)
            end.open()
            try await office.job(held, in: .done)
        }
        #expect(try await office.marks("stray") == 1)
        #expect(try await office.marks("held") == 1)
    }

    @Test("a worker without a lease gets no jobs", arguments: DatabaseBackend.allCases)
    func claimWithoutLease(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand { _, _ in noEffect }
        try await office.jobs.enqueue(Errand())
        let claim = Claim(queue: "errands", kinds: [Errand.kind], limit: 1, holder: ID())
        let claimed = try await office.database.transaction { [jobs = office.jobs] in
            try jobs.store.claim(claim, now: jobs.time.now, in: $0)
        }
        #expect(claimed.isEmpty)
    }
}

extension Office {
    /// Lets a process that will never be heard of again take a job.
    func claimElsewhere(_ id: ID<Job>) async throws -> ClaimedJob {
        let holder = ID<JobWorker>()
        return try await database.transaction { [jobs] transaction in
            try jobs.leases.register(holder, of: [], now: jobs.time.now, in: transaction)
            try transaction.execute("UPDATE job SET state = 'ready', priority = 1000000 WHERE id = \(id)")
            let claim = Claim(queue: "errands", kinds: [Errand.kind], limit: 1, holder: holder)
            let claimed = try jobs.store.claim(claim, now: jobs.time.now, in: transaction)
            return try #require(claimed.first { $0.id == id })
        }
    }
}

extension JobQueue {
    /// What the next start or the reaper does after the death of every other process.
    func loseEverybodyElse() async throws {
        let living = running.workers
        try await database.transaction { [leases] in try leases.removeAll(but: living, in: $0) }
        try await recoverLost()
    }
}
