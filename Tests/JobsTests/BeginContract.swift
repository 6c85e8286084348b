import Database
import Jobs
import Kernel
import TestSupport
import Testing

/// What begins in the transaction of a claim.
@Suite(.timeLimit(.minutes(5))) struct BeginContract {
    @Test("a claim notes the beginning, and the work gets what it read", arguments: DatabaseBackend.allCases)
    func begun(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        let (isBegun, mayEnd) = (Gate(), Gate())
        office.jobs.onErrand { errand, transaction in
            try mark("begun")(transaction)
            return try transaction.first("SELECT COUNT(*) AS n FROM mark WHERE name = \(errand.name)")?.get("n") ?? 0
        } work: { (count: Int) in
            isBegun.open()
            await mayEnd.pass()
            return mark("read \(count)")
        }
        try await office.database.execute("INSERT INTO mark (name) VALUES ('x'), ('x')")
        try await office.working {
            let id = try await office.jobs.enqueue(Errand())
            await isBegun.pass()
            #expect(try await office.marks("begun") == 1)
            mayEnd.open()
            try await office.job(id, in: .done)
        }
        #expect(try await office.marks("read 2") == 1)
        #expect(try await office.marks("begun") == 1)
    }

    @Test("where nothing is left to do the job is done without work", arguments: DatabaseBackend.allCases)
    func nothingToDo(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand { _, _ -> Int? in
            nil
        } work: { _ in
            mark("worked")
        }
        try await office.working {
            let id = try await office.jobs.enqueue(Errand())
            try await office.job(id, in: .done)
        }
        #expect(try await office.marks("worked") == 0)
    }

    @Test(
        "a job that cannot begin has failed its try, and those claimed with it are done",
        arguments: DatabaseBackend.allCases,
    )
    func failing(backend: DatabaseBackend) async throws {
        var settings = JobSettings()
        settings.queues["errands"] = QueueSettings(concurrency: 1, batch: 8)
        let office = try await Office(backend, settings)
        office.jobs.onErrand { errand, _ -> String? in
            if errand.name == "bad" { throw Hiccup() }
            return errand.name
        } work: { name in
            mark(name)
        }
        let (bad, good) = try await office.database.transaction { transaction in
            (
                try office.jobs.enqueue(Errand(name: "bad"), in: transaction),
                try office.jobs.enqueue(Errand(name: "good"), in: transaction),
            )
        }
        try await office.working {
            try await office.job(good, in: .done)
            let delayed = try await office.job(bad, in: .delayed)
            #expect((delayed.tries, delayed.reason?.code) == (1, "hiccup"))
            office.time.advance(by: .seconds(1))
            while try await office.jobs.state(of: bad)?.tries != 2 { await Task.yield() }
        }
        #expect(try await office.marks("good") == 1)
        #expect(try await office.marks("bad") == 0)
    }

    @Test(
        "a try whose effect is not written discards what it made, whether its work failed or its effect",
        arguments: DatabaseBackend.allCases,
    )
    func discarding(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand { errand, _ -> String? in
            errand.name
        } discard: { errand in
            try await office.database.execute("INSERT INTO mark (name) VALUES (\("discarded " + errand.name))")
        } work: { name in
            if name == "work" { throw Hiccup() }
            return { transaction in
                try mark(name)(transaction)
                if name == "effect" { throw Hiccup() }
            }
        }
        try await office.working {
            for name in ["work", "effect", "good"] {
                let id = try await office.jobs.enqueue(Errand(name: name))
                try await office.job(id, in: name == "good" ? .done : .delayed)
                #expect(try await office.marks("discarded " + name) == (name == "good" ? 0 : 1))
            }
        }
        #expect(try await office.marks("effect") == 0)
    }

    @Test(
        "what a try left behind is discarded when the store is there again, before its end is recorded",
        arguments: DatabaseBackend.allCases,
    )
    func discardedLater(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        let (isAway, asked) = (Box(true), Tally())
        office.jobs.onErrand { errand, _ -> String? in
            errand.name
        } discard: { _ in
            asked.add()
            if isAway.value { throw BreakerContract.Outage() }
            try await office.database.execute("INSERT INTO mark (name) VALUES ('discarded')")
        } work: { _ in
            // The next try is not part of this.
            throw Hiccup(retryAfter: .seconds(600))
        }
        try await office.working {
            await office.time.untilSleepers(2)
            let id = try await office.jobs.enqueue(Errand())
            await asked.until(1)
            await office.time.untilSleepers(3)
            #expect(try await office.jobs.state(of: id)?.state == .running)
            isAway.value = false
            office.time.advance(by: .seconds(1))
            try await office.job(id, in: .delayed)
            #expect(try await office.marks("discarded") == 1)
        }
    }

    @Test(
        "every claim begins anew, also the one that rides with the end of another",
        arguments: DatabaseBackend.allCases,
    )
    func riding(backend: DatabaseBackend) async throws {
        var settings = JobSettings()
        settings.queues["errands"] = QueueSettings(concurrency: 1)
        let office = try await Office(backend, settings)
        let over = Gate(3)
        // Each finds the marks that the ones before have left, though they are not committed when the claim is made.
        office.jobs.onErrand { _, transaction in
            try transaction.first("SELECT COUNT(*) AS n FROM mark")?.get("n") ?? 0
        } work: { (count: Int) in
            { transaction in
                try mark("after \(count)")(transaction)
                transaction.afterCommit { over.open() }
            }
        }
        try await office.database.transaction { transaction in
            for _ in 0..<3 { try office.jobs.enqueue(Errand(), in: transaction) }
        }
        try await office.working { await over.pass() }
        for count in 0..<3 { #expect(try await office.marks("after \(count)") == 1) }
    }
}

extension JobQueue {
    fileprivate func onErrand<Subject: Sendable>(
        begin: @escaping @Sendable (Errand, any Transaction) throws -> Subject?,
        discard: @escaping @Sendable (Errand) async throws -> Void = { _ in },
        work: @escaping @Sendable (Subject) async throws -> JobEffect,
    ) {
        register(
            JobDefinition(
                Errand.self,
                queue: "errands",
                retry: .delays([.seconds(1), .seconds(10)]),
                timeout: .seconds(60),
                onDiscard: discard,
                begin: begin,
                work: { subject, _ in try await work(subject) },
            )
        )
    }
}
