import Database
import Jobs
import Kernel
import TestSupport
import Testing

/// What becomes of tries that fail.
@Suite(.timeLimit(.minutes(5))) struct FailureContract {
    @Test("a failure whose words cannot be stored is recorded all the same", arguments: DatabaseBackend.allCases)
    func unstorableWords(backend: DatabaseBackend) async throws {
        struct Odd: Failure {
            var status: Int { 422 }
            var code: String { "odd" }
            var message: String { "a\0b" }
        }
        let office = try await Office(backend)
        office.jobs.onErrand { _, _ in throw Odd() }
        try await office.working {
            let dead = try await office.job(try await office.jobs.enqueue(Errand()), in: .dead)
            #expect(dead.reason?.message == "a\u{FFFD}b")
        }
    }

    @Test("a failure that may pass is tried again after the policy's waits", arguments: DatabaseBackend.allCases)
    func transient(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand { _, context in
            if context.attempt < 3 { throw Hiccup() }
            return mark()
        }
        try await office.working {
            let id = try await office.jobs.enqueue(Errand())
            let first = try await office.job(id, in: .delayed)
            #expect((first.tries, first.reason?.code) == (1, "hiccup"))
            #expect(first.runAt == office.time.now + .seconds(1))
            office.time.advance(by: .seconds(1))
            while try await office.jobs.state(of: id)?.tries != 2 { await Task.yield() }
            let second = try await office.job(id, in: .delayed)
            #expect(second.runAt == office.time.now + .seconds(10))
            office.time.advance(by: .seconds(10))
            let done = try await office.job(id, in: .done)
            #expect((done.tries, done.reason) == (3, nil))
        }
        #expect(try await office.marks() == 1)
    }

    @Test("a permanent failure is not tried again", arguments: DatabaseBackend.allCases)
    func permanent(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand(onDead: { _, failure, transaction in try mark(failure.code)(transaction) }) { _, _ in
            throw Refusal()
        }
        try await office.working {
            let job = try await office.job(try await office.jobs.enqueue(Errand()), in: .dead)
            #expect(job.tries == 1)
            #expect(job.reason?.code == "refused")
            #expect(job.reason?.message == "Never.")
            #expect(job.reason?.detail == "Refusal()")
        }
        #expect(try await office.marks("refused") == 1)
    }

    @Test(
        "a job whose tries are used up is dead, and requeued it has all of them again",
        arguments: DatabaseBackend.allCases,
    )
    func requeued(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        let isMended = Gate()
        office.jobs.register(
            JobDefinition(
                Errand.self,
                queue: "errands",
                retry: .delays([.zero]),
                timeout: .seconds(60),
                onRequeue: { _, transaction in try mark("requeued")(transaction) },
            ) { _, _ in
                if !isMended.isOpen { throw Hiccup() }
                return mark()
            }
        )
        try await office.working {
            let id = try await office.jobs.enqueue(Errand())
            let dead = try await office.job(id, in: .dead)
            #expect(dead.tries == 2)
            #expect(try await office.jobs.deadLetters().map(\.id) == [id])
            isMended.open()
            #expect(try await office.jobs.requeue(id))
            #expect(try await office.job(id, in: .done).tries == 1)
            #expect(try await office.jobs.requeue(id) == false)
        }
        #expect(try await office.marks() == 1)
        #expect(try await office.marks("requeued") == 1)
    }

    @Test("an effect that fails leaves nothing, and its try has failed", arguments: DatabaseBackend.allCases)
    func failingEffect(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand(retry: .never) { _, _ in
            { transaction in
                try mark()(transaction)
                throw Refusal()
            }
        }
        try await office.working {
            let job = try await office.job(try await office.jobs.enqueue(Errand()), in: .dead)
            #expect(job.reason?.code == "refused")
        }
        #expect(try await office.marks() == 0)
    }

    @Test("finished work waits for a full disk instead of being done again", arguments: DatabaseBackend.allCases)
    func fullDisk(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        let (works, tries) = (Recorder<Int>(), Recorder<Int>())
        office.jobs.onErrand(retry: .never) { _, context in
            works.add(context.attempt)
            return { transaction in
                tries.add(1)
                if tries.all.count < 4 { throw DatabaseError.diskFull }
                try mark()(transaction)
            }
        }
        try await office.working {
            let id = try await office.jobs.enqueue(Errand())
            while try await office.jobs.state(of: id)?.state != .done {
                office.time.advance(by: .milliseconds(100))
                await Task.yield()
            }
            #expect(try await office.jobs.state(of: id)?.tries == 1)
        }
        #expect(works.all == [1])
        #expect(try await office.marks() == 1)
    }

    @Test("a failure that names a wait is not tried before", arguments: DatabaseBackend.allCases)
    func retryAfter(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand { _, _ in throw Hiccup(retryAfter: .seconds(90)) }
        try await office.working {
            let job = try await office.job(try await office.jobs.enqueue(Errand()), in: .delayed)
            #expect(job.runAt == office.time.now + .seconds(90))
        }
    }

    @Test("waiting holds no lane and no try", arguments: DatabaseBackend.allCases)
    func snooze(backend: DatabaseBackend) async throws {
        var settings = JobSettings()
        settings.queues["errands"] = QueueSettings(concurrency: 1)
        let office = try await Office(backend, settings)
        let quota = office.time.now + .seconds(600)
        let time = office.time
        office.jobs.onErrand(retry: .never) { errand, context in
            #expect(context.attempt == 1)
            if errand.name == "waits", time.now < quota { throw JobSnooze(until: quota) }
            return mark(errand.name)
        }
        try await office.working {
            let waiting = try await office.jobs.enqueue(Errand(name: "waits"))
            #expect(try await office.job(waiting, in: .delayed).tries == 0)
            try await office.job(try await office.jobs.enqueue(Errand(name: "other")), in: .done)
            office.time.advance(by: .seconds(600))
            #expect(try await office.job(waiting, in: .done).tries == 1)
        }
    }

    @Test(
        "a failure that says until when it is postponed holds no lane and no try",
        arguments: DatabaseBackend.allCases,
    )
    func postponed(backend: DatabaseBackend) async throws {
        struct Later: Failure {
            let postponedUntil: Timestamp?
            var status: Int { 503 }
            var code: String { "later" }
            var message: String { "Later." }
        }
        let office = try await Office(backend)
        let quota = office.time.now + .seconds(600)
        let time = office.time
        office.jobs.onErrand(retry: .never) { _, _ in
            if time.now < quota { throw Later(postponedUntil: quota) }
            return mark()
        }
        try await office.working {
            let waiting = try await office.jobs.enqueue(Errand())
            let job = try await office.job(waiting, in: .delayed)
            #expect(job.tries == 0 && job.runAt == quota)
            office.time.advance(by: .seconds(600))
            #expect(try await office.job(waiting, in: .done).tries == 1)
        }
    }

    @Test("a try that takes too long is cancelled and may be repeated", arguments: DatabaseBackend.allCases)
    func timeout(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        let begun = Gate()
        let time = office.time
        office.jobs.onErrand(timeout: .seconds(30)) { _, context in
            if context.attempt > 1 { return mark() }
            begun.open()
            try await time.sleep(until: time.now + .seconds(1_000_000))
            return mark("late")
        }
        try await office.working {
            let id = try await office.jobs.enqueue(Errand())
            await begun.pass()
            // The work and the two loops of maintenance: all sleep.
            await office.time.untilSleepers(3)
            office.time.advance(by: .seconds(30))
            let failed = try await office.job(id, in: .delayed)
            #expect(failed.reason?.code == "timeout")
            office.time.advance(by: .seconds(1))
            try await office.job(id, in: .done)
        }
        #expect(try await office.marks("late") == 0)
    }

    @Test("work that hears no cancellation loses its lane, not the queue", arguments: DatabaseBackend.allCases)
    func deafWork(backend: DatabaseBackend) async throws {
        var settings = JobSettings()
        settings.queues["errands"] = QueueSettings(concurrency: 1)
        let office = try await Office(backend, settings)
        let (begun, end, ended) = (Gate(), Gate(), Gate())
        office.jobs.onErrand(retry: .never, timeout: .seconds(30)) { errand, context in
            guard errand.name == "deaf" else { return mark(errand.name) }
            begun.open()
            await end.pass()
            await #expect(throws: JobLost.self) { try await context.transaction { try mark("deaf")($0) } }
            ended.open()
            return mark("deaf")
        }
        try await office.working {
            let deaf = try await office.jobs.enqueue(Errand(name: "deaf"))
            await begun.pass()
            let other = try await office.jobs.enqueue(Errand(name: "other"))
            await office.time.untilSleepers(2)
            office.time.advance(by: .seconds(30))
            await office.time.untilSleepers(2)
            office.time.advance(by: .seconds(5))
            #expect(try await office.job(deaf, in: .dead).reason?.code == "timeout")
            try await office.job(other, in: .done)
            end.open()
            await ended.pass()
        }
        #expect(try await office.marks("deaf") == 0)
    }

    @Test("arguments that cannot be read are dead at once", arguments: DatabaseBackend.allCases)
    func badArguments(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand { _, _ in mark() }
        let id = try await office.jobs.enqueue(Errand())
        try await office.database.execute("UPDATE job SET arguments = '[]' WHERE id = \(id)")
        try await office.working {
            let job = try await office.job(id, in: .dead)
            #expect((job.tries, job.reason?.code) == (1, "bad_arguments"))
        }
    }

    @Test("a hook that throws does not keep its job running", arguments: DatabaseBackend.allCases)
    func brokenHook(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand(
            onDead: { _, _, transaction in
                try mark()(transaction)
                throw Hiccup()
            }
        ) { _, _ in throw Refusal() }
        try await office.working {
            _ = try await office.job(try await office.jobs.enqueue(Errand()), in: .dead)
        }
        #expect(try await office.marks() == 0)
    }

    @Test("dead letters come the latest first, page by page", arguments: DatabaseBackend.allCases)
    func deadLetters(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand { _, _ in throw Refusal() }
        var ids: [ID<Job>] = []
        try await office.working {
            for _ in 0..<5 {
                let id = try await office.jobs.enqueue(Errand())
                try await office.job(id, in: .dead)
                ids.append(id)
                office.time.advance(by: .milliseconds(1))
            }
        }
        let first = try await office.jobs.deadLetters(limit: 2)
        let second = try await office.jobs.deadLetters(after: first.last, limit: 9)
        #expect((first + second).map(\.id) == ids.reversed())
    }
}
