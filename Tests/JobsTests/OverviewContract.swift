import Jobs
import Kernel
import Telemetry
import TestSupport
import Testing

/// What operators are told of the queues.
@Suite(.timeLimit(.minutes(5))) struct OverviewContract {
    @Test("depths, the oldest wait, rates and quantiles of each queue", arguments: DatabaseBackend.allCases)
    func overview(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand(retry: .never) { errand, _ in
            if errand.name == "bad" { throw Refusal() }
            return noEffect
        }
        for name in ["good", "good", "bad"] {
            let id = try await office.jobs.enqueue(Errand(name: name))
            office.time.advance(by: .seconds(2))
            _ = try await office.working { try await office.job(id, in: name == "bad" ? .dead : .done) }
        }
        try await office.jobs.enqueue(Errand())
        try await office.jobs.enqueue(Errand(), notBefore: office.time.now + .seconds(60))
        office.time.advance(by: .seconds(5))
        let queue = try #require(try await office.jobs.overview().first)
        #expect(queue.queue == "errands")
        #expect([queue.ready, queue.delayed, queue.running, queue.dead] == [1, 1, 0, 1])
        #expect(queue.waitingSince == office.time.now - .seconds(5))
        #expect(queue.doneLastMinute == 2 && queue.deadLastHour == 1)
        #expect(queue.waits == [.seconds(2), .seconds(2)])
        #expect(QueueOverview.quantile(0.95, of: queue.waits) == .seconds(2))
        office.time.advance(by: .seconds(3600))
        let later = try #require(try await office.jobs.overview().first)
        #expect(later.doneLastMinute == 0 && later.deadLastHour == 0 && later.dead == 1)
        #expect(QueueOverview.quantile(0.5, of: later.waits) == nil)
    }

    @Test("jobs in a state, of one queue or of all, the latest first", arguments: DatabaseBackend.allCases)
    func list(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand { _, _ in noEffect }
        var ids: [ID<Job>] = []
        for _ in 0..<3 {
            ids.append(try await office.jobs.enqueue(Errand()))
            office.time.advance(by: .seconds(1))
        }
        #expect(try await office.jobs.jobs(in: .ready, queue: nil, limit: 2).map(\.id) == [ids[2], ids[1]])
        #expect(try await office.jobs.jobs(in: .ready, queue: "errands", limit: 9).count == 3)
        #expect(try await office.jobs.jobs(in: .ready, queue: "others", limit: 9).isEmpty)
        #expect(try await office.jobs.jobs(in: .dead, queue: nil, limit: 9).isEmpty)
    }

    @Test("a job goes on in the trace of whoever enqueued it", arguments: DatabaseBackend.allCases)
    func trace(backend: DatabaseBackend) async throws {
        let office = try await Office(backend, traced: true)
        let seen = Recorder<String?>()
        office.jobs.onErrand { _, _ in
            seen.add(Span.current?.context.traceID)
            return noEffect
        }
        let caller = try #require(
            TraceContext(traceparent: "00-\(String(repeating: "a", count: 32))-bbbbbbbbbbbbbbbb-01")
        )
        let span = try #require(office.tracer.begin("request", kind: .server, parent: caller))
        let id = try await Span.$current.withValue(span) { try await office.jobs.enqueue(Errand()) }
        _ = try await office.working { try await office.job(id, in: .done) }
        #expect(seen.all == [caller.traceID])
    }
}
