import Database
import Kernel
import ModelGateway
import TestSupport
import Testing

@testable import Jobs
@testable import Translation

/// `GET /stats`, which clients of the original read.
@Suite(.timeLimit(.minutes(5))) struct StatsTests {
    @Test func ratesAreThoseOfTheOriginal() async throws {
        let house = try await TranslationHouse()
        _ = try await house.finished(try await house.begin(["hello", "world", "cat", "unreadable"]))
        let workers = try await house.get("/stats").json["workers"]
        #expect(workers?["success_rate"]?.number == 75, "of a hundred")
        #expect(workers?["avg_completion_rate"]?.number == 0.4, "in a minute, of the last ten")
    }

    @Test func aQuotaThatIsUsedUpIsSaidToLimit() async throws {
        let time = ManualTime()
        let gemini = try await FakeGemini(time: time, change: { $0.models[0].quota.requestsPerMinute = 1 }) { _, _, _ in
            .text("{}")
        }
        let house = try await TranslationHouse(time: time, models: gemini.models, hasWorker: false)
        try await register(TranslationModule.translateQueue, in: house)
        _ = try await house.jobs.enqueue(TranslateWords(image: ID()), notBefore: time.now + .seconds(60))
        #expect(try await house.get("/stats").json["workers"]?["limiting_factor"] == "none")
        _ = try await gemini.models.chat(ModelPrompt(text: "hello"))
        #expect(try await house.get("/stats").json["workers"]?["limiting_factor"] == "quota")
    }

    /// A worker of the queue, as its row tells.
    private func register(_ queue: String, in house: TranslationHouse) async throws {
        let now = house.time.now
        try await house.database.execute(
            """
            INSERT INTO job_worker (id, started_at, heartbeat_at, queues)
            VALUES (\(ID<JobWorker>()), \(now), \(now), \("\(queue)=0"))
            """
        )
    }

    @Test func changesOfTheConcurrencyAreToldWithTheLastThree() async throws {
        let time = ManualTime()
        let house = try await TranslationHouse(time: time, hasWorker: false)
        let queue = TranslationModule.translateQueue
        let (jobs, policy) = (house.jobs, ScalingPolicy(min: 1, max: 50))
        try await register(queue, in: house)
        #expect(try await house.get("/stats").json["workers"]?["recent_scaling_events"] == 0)
        try await house.database.transaction { transaction in
            for _ in 0..<2 { try jobs.enqueue(TranslateWords(image: ID()), in: transaction) }
        }
        _ = try await jobs.rescale(queue, policy)
        // They have waited for 5, 12 and 43 seconds then; the last step ends at the upper bound.
        for seconds in [5, 7, 31] {
            time.advance(by: .seconds(seconds))
            _ = try await jobs.rescale(queue, policy)
        }
        try await house.database.execute("DELETE FROM job")
        for _ in 0..<3 {
            time.advance(by: .seconds(31))
            _ = try await jobs.rescale(queue, policy)
        }
        let workers = try await house.get("/stats").json["workers"]
        let history = try #require(workers?["last_scale_history"]?.array)
        #expect(workers?["recent_scaling_events"]?.integer == 4, "\(history)")
        #expect(history.count == 3)
        let last = try #require(history.last)
        #expect(last["from_workers"] == 50 && last["to_workers"] == 40 && last["queue_pressure"] == 0, "\(last)")
        #expect(last["timestamp"] == JSON(time.now) && last["reason"]?.string?.contains("low pressure") == true)
        #expect(history.first?["queue_pressure"] == 2)
        #expect(history.first?["reason"]?.string?.contains("waited") == true)
    }
}
