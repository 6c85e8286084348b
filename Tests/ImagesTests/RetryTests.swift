import Accounts
import Database
import HTTPServer
import Kernel
import ObjectStore
import Synchronization
import SharedState
import TestSupport
import Testing

@testable import Images

/// What is tried again, when, and what happens when nothing helps.
@Suite(.timeLimit(.minutes(5))) struct RetryTests {
    @Test func transientTroubleIsTriedAt0And60And180And420Seconds() async throws {
        let trouble = Trouble()
        let house = try await trouble.house()
        let accepted = try await house.upload(PNG.plain().bytes)
        let job = try accepted.id("job_id")
        for (attempt, wait) in [(1, 60), (2, 120), (3, 240)] {
            try await house.untilStatus("retrying", attempts: attempt, of: job)
            trouble.time.advance(by: .milliseconds(wait * 1000 - 1))
            await trouble.time.untilSleepers(1)
            trouble.time.advance(by: .milliseconds(1))
        }
        let state = try await house.finished(job)
        #expect(state["status"] == "failed" && state["attempts"] == 4)
        #expect(state["error"] == "The server has no room left for files. Try again later or tell its operator.")
        #expect(trouble.attempts == [0, 60_000, 180_000, 420_000])
        let rows = try await house.rows("SELECT kind FROM image_event ORDER BY created_at, id")
        let kinds: [String] = try rows.map { try $0.get("kind") }
        #expect(kinds.count { $0 == "processing_started" } == 4 && kinds.count { $0 == "retry_scheduled" } == 3)
        #expect(kinds.first == "upload_initiated" && kinds.last == "failed")
    }

    @Test func deadJobKeepsItsFileSevenDaysAndCanBeRetriedByHand() async throws {
        let trouble = Trouble()
        let house = try await trouble.house()
        let accepted = try await house.upload(PNG.plain().bytes)
        let job = try accepted.id("job_id")
        try await trouble.exhaust(job, in: house)
        let path = "/api/v1/images/jobs/\(job)/retry"
        trouble.time.advance(by: .seconds(6 * 86_400))
        try await house.sweep()
        #expect(try await house.send(.post, path, by: nil).status == 401)
        #expect(try await house.send(.post, path, by: .bob).status == 403)

        trouble.fault.isOn = false
        let retried = try await house.send(.post, path)
        #expect(retried.status == 202)
        #expect(retried.json["status"] == "pending" && retried.json["error"] == .null)
        let state = try await house.finished(job)
        #expect(state["status"] == "completed" && state["attempts"] == 1)
        let again = try await house.send(.post, path)
        #expect(again.status == 409)
        #expect(again.json["error"] == "Only a failed job can be retried. Current status: completed")
    }

    @Test func afterSevenDaysTheFileIsGoneAndARetryIs410() async throws {
        let trouble = Trouble()
        let house = try await trouble.house()
        let job = try await house.upload(PNG.plain().bytes).id("job_id")
        try await trouble.exhaust(job, in: house)
        trouble.time.advance(by: .seconds(7 * 86_400 + 1))
        try await house.sweep()
        #expect(try await house.objects.list(prefix: "", after: nil, limit: 1).objects.isEmpty)
        let answer = try await house.send(.post, "/api/v1/images/jobs/\(job)/retry")
        #expect(answer.status == 410)
        #expect(answer.json["code"] == "source_deleted")
    }

    @Test func picturesThatCannotBeDecodedFailWithOneAttempt() async throws {
        let house = try await House()
        let state = try await house.process(PNG.plain().damagedBytes)
        #expect(state["status"] == "failed" && state["attempts"] == 1)
        #expect(state["error"]?.string?.contains("damaged") == true)
        let job = try state.id("job_id")
        try await house.untilEmpty(prefix: "")
        #expect(try await house.send(.post, "/api/v1/images/jobs/\(job)/retry").status == 410)
        #expect(try await house.get("/api/v1/images/jobs/\(job)/result").status == 409)
    }

    @Test func aStoreThatIsAwayCostsNoTries() async throws {
        let trouble = Trouble(.unavailable(reason: "the test says so"))
        let house = try await trouble.house()
        let job = try await house.upload(PNG.plain().bytes).id("job_id")
        for reads in 1...6 {
            await trouble.untilAttempts(reads)
            if reads == 6 { trouble.fault.isOn = false }
            // Longer than a job waits for a store.
            try await house.untilDelayed()
            trouble.time.advance(by: .seconds(10))
        }
        let state = try await house.finished(job)
        #expect(state["status"] == "completed" && state["attempts"] == 1)
        let kinds = try await house.rows("SELECT kind FROM image_event").map { try $0.get("kind", as: String.self) }
        #expect(kinds.count { $0 == "retry_scheduled" } == 0 && kinds.count { $0 == "completed" } == 1)
    }

    @Test func twoRetriesAtOnceAreOne() async throws {
        let trouble = Trouble()
        let house = try await trouble.house()
        let job = try await house.upload(PNG.plain().bytes).id("job_id")
        try await trouble.exhaust(job, in: house)
        let path = "/api/v1/images/jobs/\(job)/retry"
        async let first = house.send(.post, path)
        async let second = house.send(.post, path)
        let statuses = try await [first.status, second.status].sorted()
        #expect(statuses == [202, 409])
    }
}

/// A store that fails, on a clock that the test moves.
private final class Trouble: Sendable {
    let fault = Fault()
    let time: ManualTime
    private let error: StorageError
    private let start: Timestamp
    private let reads = Mutex<[Int64]>([])
    private let (refusals, refusal) = AsyncStream<Int>.makeStream()

    init(_ error: StorageError = .full) {
        self.error = error
        // Files carry the system's time, and the sweeper compares.
        let start = Timestamp.now()
        self.start = start
        time = ManualTime(start)
        fault.isOn = true
    }

    /// Milliseconds after the start at which the picture was asked for.
    var attempts: [Int64] { reads.withLock { $0 } }

    /// Returns when the picture was asked for that often.
    func untilAttempts(_ count: Int) async {
        for await refused in refusals where refused >= count { return }
    }

    func house() async throws -> House {
        try await House(
            time: time,
            wrap: {
                FaultyObjects(inner: $0, readFault: fault, readError: error) { [self] in
                    let moment = (time.now - start).milliseconds
                    refusal.yield(
                        reads.withLock { reads in
                            reads.append(moment)
                            return reads.count
                        }
                    )
                }
            },
            change: { $0.hasRetryJitter = false },
        )
    }

    /// Lets all four attempts fail.
    func exhaust(_ job: String, in house: House) async throws {
        for (attempt, wait) in [(1, 60), (2, 120), (3, 240)] {
            try await house.untilStatus("retrying", attempts: attempt, of: job)
            time.advance(by: .seconds(wait))
        }
        #expect(try await house.finished(job)["status"] == "failed")
    }
}

extension House {
    /// Returns when the job waits for its time.
    fileprivate func untilDelayed() async throws {
        while try await rows("SELECT 1 AS one FROM job WHERE state = 'delayed'").isEmpty { await Task.yield() }
    }

    /// Returns when the job's picture has come to that state.
    fileprivate func untilStatus(_ status: String, attempts: Int, of job: String) async throws {
        let id = try #require(ID<Images.ImageRecord>(try await get("/api/v1/images/jobs/\(job)").json.id("image_id")))
        let image = try #require(try await service.store.find(id))
        let changes = await service.changes.follow(image.jobID)
        func isThere() async throws -> Bool {
            let now = try await service.store.find(id)
            return now?.status.rawValue == status && now?.attempts == attempts
        }
        if try await isThere() { return }
        for await _ in changes where try await isThere() { return }
    }
}
