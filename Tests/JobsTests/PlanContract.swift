import Database
import Kernel
import TestSupport
import Testing

@testable import Jobs

/// Every statement that runs often or over much uses its index, and none sorts.
@Suite struct PlanContract {
    /// A statement and the index that must carry it.
    struct Example: Sendable, CustomTestStringConvertible {
        let name: String
        let index: String
        let statement: @Sendable (Office) -> SQL
        var testDescription: String { name }
    }

    static let isBefore = JobQueue.isBefore(ID(), priority: -5, amongEquals: false)
    static let moment = Timestamp(milliseconds: 1)
    static let examples = [
        Example(name: "claim", index: "job_ready") { office in
            let claim = Claim(queue: "q", kinds: ["a", "b"], limit: 16, holder: ID())
            return office.jobs.store.engine.claim(claim, now: moment)
        },
        Example(name: "promote", index: "job_due") { $0.jobs.store.engine.promote(now: moment, limit: 1000) },
        Example(name: "next due", index: "job_due") { _ in JobStore.nextDue },
        // The row by its id, or one of the few that run.
        Example(name: "fence", index: "job_") { $0.jobs.store.engine.fence(ID(), attempt: 1) },
        Example(name: "lock", index: "job_") { $0.jobs.store.engine.lock(ID()) },
        Example(name: "reap", index: "job_held") { _ in LeaseStore.orphans(maxLosses: 5) },
        Example(name: "release the lost", index: "job_held") { $0.jobs.leases.release(maxLosses: 5) },
        Example(name: "release all", index: "job_held") { _ in LeaseStore.releaseAll(of: ID()) },
        Example(name: "cancel requests", index: "job_held") { _ in LeaseStore.cancelRequests(of: ID()) },
        Example(name: "sweep", index: "job_expiry") { _ in JobStore.sweep(now: moment, limit: 1000) },
        Example(name: "depth", index: "job_ready") { _ in JobStore.depth("q", upTo: 10_000) },
        Example(name: "depths", index: "job_ready") { _ in JobStore.depths },
        Example(name: "poll", index: "job_ready") { _ in JobStore.anyReady("q") },
        Example(name: "unique key", index: "job_unique") { _ in JobStore.unfinished(kind: "k", uniqueKey: "u") },
        Example(name: "scaling: waiting", index: "job_ready") { _ in ScalingStore.waiting("q", ["a", "b"]) },
        Example(name: "scaling: running", index: "job_held") { _ in ScalingStore.running("q") },
        Example(name: "scaling: done", index: "job_done") { _ in ScalingStore.doneSince(moment, "q") },
        Example(name: "done lately", index: "job_done") { _ in JobQueue.doneSince(moment) },
        Example(name: "line: ready", index: "job_ready") { _ in
            JobQueue.lines(isBefore, in: ["q", "r"], at: moment, dueBy: moment, limit: 10_000)
        },
        Example(name: "line: equals", index: "job_ready") { _ in
            let isBefore = JobQueue.isBefore(ID(), priority: -5, amongEquals: true)
            return JobQueue.lines(isBefore, in: ["q", "r"], at: moment, dueBy: moment, limit: 10_000)
        },
        Example(name: "line: delayed", index: "job_due") { _ in
            JobQueue.lines(isBefore, in: ["q", "r"], at: moment, dueBy: moment, limit: 10_000)
        },
        Example(name: "line: running", index: "job_held") { _ in
            JobQueue.lines(isBefore, in: ["q", "r"], at: moment, dueBy: moment, limit: 10_000)
        },
        Example(name: "dead letters", index: "job_dead") { _ in JobQueue.deadLetters(olderThan: nil, limit: 50) },
        Example(name: "next dead letters", index: "job_dead") { _ in
            JobQueue.deadLetters(olderThan: (moment, ID()), limit: 50)
        },
    ]

    @Test("each statement goes by its index", arguments: DatabaseBackend.allCases, examples)
    func plan(backend: DatabaseBackend, example: Example) async throws {
        let office = try await Office(backend)
        let plan = try await office.database.explain(example.statement(office))
        #expect(plan.contains(example.index), "\(plan)")
        #expect(!plan.contains("TEMP B-TREE") && !plan.contains("Sort"), "\(plan)")
        // A scan is allowed along an index, never over the table.
        #expect(!plan.contains("Seq Scan on job\n") && !plan.hasSuffix("Seq Scan on job"), "\(plan)")
        for step in plan.split(separator: "\n") where step.hasPrefix("SCAN job") {
            #expect(step.contains("USING"), "\(plan)")
        }
    }
}
