import Database
import Kernel
import Telemetry
import TestSupport
import Testing

@testable import Jobs

/// What follows on a job that is done.
@Suite(.timeLimit(.minutes(5))) struct ChainContract {
    struct Sequel: JobArguments {
        static let kind = "test.sequel"
        var name: String
    }

    private static func register(_ jobs: JobQueue, queue: String = "sequels") {
        jobs.register(
            JobDefinition(Sequel.self, queue: queue, timeout: .seconds(60)) { sequel, _ in mark(sequel.name) }
        )
        jobs.chain(after: Errand.self) { errand in errand.name == "last" ? nil : Sequel(name: "after \(errand.name)") }
    }

    @Test("when one job is done the next begins, unless there is none", arguments: DatabaseBackend.allCases)
    func follows(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand { errand, _ in mark(errand.name) }
        Self.register(office.jobs)
        try await office.working {
            let last = try await office.jobs.enqueue(Errand(name: "last"))
            try await office.jobs.enqueue(Errand(name: "first"))
            while try await office.marks("after first") < 1 { await Task.yield() }
            try await office.job(last, in: .done)
        }
        #expect(try await office.marks("after last") == 0)
    }

    @Test("a job that fails or is repeated is followed once, when it is done", arguments: DatabaseBackend.allCases)
    func once(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand(retry: .delays([.zero, .zero])) { _, context in
            { transaction in
                // The second try fails after its effect, in the transaction that would have enqueued.
                try mark("try")(transaction)
                if context.attempt < 3 { throw Hiccup() }
            }
        }
        Self.register(office.jobs)
        try await office.working {
            try await office.job(try await office.jobs.enqueue(Errand()), in: .done)
            while try await office.marks("after x") < 1 { await Task.yield() }
        }
        let row = try await office.database.first("SELECT COUNT(*) AS n FROM job WHERE kind = \(Sequel.kind)")
        #expect(try row?.get("n") == 1)
    }

    @Test("what follows by an effect, a chain or a failure goes on in the trace", arguments: DatabaseBackend.allCases)
    func traced(backend: DatabaseBackend) async throws {
        let office = try await Office(backend, traced: true)
        let (jobs, traces) = (office.jobs, Recorder<String>())
        jobs.register(
            JobDefinition(Sequel.self, queue: "sequels", timeout: .seconds(60)) { sequel, _ in
                traces.add("\(sequel.name) in \(Span.current?.context.traceID ?? "none")")
                return mark("heard")
            }
        )
        jobs.chain(after: Errand.self) { Sequel(name: "after \($0.name)") }
        jobs.onErrand(onDead: { _, _, transaction in try jobs.enqueue(Sequel(name: "instead"), in: transaction) }) {
            errand,
            _ in
            if errand.name == "bad" { throw Refusal() }
            return { try jobs.enqueue(Sequel(name: "beside"), in: $0) }
        }
        let span = try #require(office.tracer.begin("request", kind: .server, parent: nil))
        try await office.working {
            try await Span.$current.withValue(span) {
                for name in ["good", "bad"] { try await jobs.enqueue(Errand(name: name)) }
            }
            while try await office.marks("heard") < 3 { await Task.yield() }
        }
        let expected = ["after good", "beside", "instead"].map { "\($0) in \(span.context.traceID)" }
        #expect(traces.all.sorted() == expected)
    }

    @Test("an attempt that lost its job is not followed", arguments: DatabaseBackend.allCases)
    func fenced(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand { _, _ in noEffect }
        Self.register(office.jobs)
        let id = try await office.jobs.enqueue(Errand())
        let stale = try await office.claimElsewhere(id)
        try await office.jobs.loseEverybodyElse()
        let definition = try #require(office.jobs.definition(Errand.kind))
        await #expect(throws: JobLost.self) {
            _ = try await office.jobs.finish(stale, definition, noEffect, claiming: nil)
        }
        #expect(try await office.jobs.depth(queue: "sequels") == 0)
    }

    @Test("work that is done is followed although the next queue is full", arguments: DatabaseBackend.allCases)
    func fullQueue(backend: DatabaseBackend) async throws {
        var settings = JobSettings()
        settings.queues["sequels"] = QueueSettings(concurrency: 1, maxDepth: 1)
        let office = try await Office(backend, settings)
        office.jobs.onErrand { _, _ in noEffect }
        Self.register(office.jobs)
        try await office.jobs.enqueue(Sequel(name: "waiting"))
        try await office.jobs.enqueue(Errand())
        try await office.working {
            while try await office.marks("after x") < 1 { await Task.yield() }
        }
    }
}
