import Database
import Foundation
import HTTPServer
import Jobs
import Kernel
import ObjectStore
import TestSupport
import Testing

@testable import Translation

/// What the original did wrong, by the numbers of its list of defects. Those of its keys are shown by the tests of the
/// gateway, those of its pool and of dying processes by the tests of jobs:
///
/// - 1, later crashes: `LeaseContract`
/// - 4, the pool shrank under steady load: `ScalingContract`, `ScalingDecisionTests`
/// - 5, pauses did not grow: `PauseTests.growingPauses`
/// - 6, a ban was known to one process: `KeyTests.refusedEverywhere`
/// - 7, the word "rate" in a method's name: `GoogleErrorBodies`
/// - 8, days ended at midnight UTC: `QuotaContract.midnight`
/// - 9, thousands of round trips to choose a key: `KeyTests.roundTrips`
/// - 10, workers began whatever the quota: `QuotaContract.waiting`, `FailureContract.snooze`
@Suite(.timeLimit(.minutes(5))) struct OriginalDefectTests {
    @Test("1: a task was taken from the queue and noted elsewhere a moment later", arguments: DatabaseBackend.allCases)
    func aTaskAndItsWorkAreStoredTogether(_ backend: DatabaseBackend) async throws {
        let house = try await TranslationHouse(backend: backend, hasWorker: false)
        _ = try await house.begin(["hello", "cat"])
        let rows = try await house.database.query(
            """
            SELECT job.kind, job.state FROM translation_image JOIN job ON job.id = translation_image.job_id
            ORDER BY translation_image.position
            """
        )
        #expect(rows.count == 2)
        for row in rows {
            #expect(try row.get("kind", as: String.self) == ReadPicture.kind)
            #expect(try row.get("state", as: String.self) == "ready")
        }
    }

    /// Tasks whose ten pictures end together; `PICTOR_TEST_REPETITIONS` says how many, for a long look.
    private static let repetitions =
        ProcessInfo.processInfo.environment["PICTOR_TEST_REPETITIONS"].flatMap { Int($0) } ?? 200

    @Test("2: of results that came together the later one erased the earlier", arguments: DatabaseBackend.allCases)
    func resultsOfTheSameMomentLoseNothing(_ backend: DatabaseBackend) async throws {
        let house = try await TranslationHouse(backend: backend, hasWorker: false)
        let parts = house.translation.stageParts
        for _ in 0..<Self.repetitions {
            let task = ID<TranslationTask>()
            let images = try await house.insert(task, images: 10, webhook: "https://example.com/done")
            try await withThrowingTaskGroup { group in
                for id in images {
                    group.addTask {
                        try await house.database.transaction { transaction in
                            try parts.finish(id, of: task, "failed", in: transaction) { seq in
                                try parts.images.setFailed(
                                    id,
                                    .failed,
                                    code: "broken",
                                    message: "No.",
                                    seq: seq,
                                    at: house.time.now,
                                    in: transaction,
                                )
                            }
                        }
                    }
                }
                group.addTask {
                    // A cursor that is behind what it came with would be told a result twice, one ahead would miss it.
                    while let state = try await parts.tasks.find(task), !state.isFinal {
                        #expect(state.seq == state.finished)
                    }
                }
                try await group.waitForAll()
            }
            let state = try #require(try await parts.tasks.find(task))
            #expect(state.isFinal)
            #expect(state.images.map(\.seq).sorted() == Array(1...10), "each result has a number of its own")
            #expect(state.seq == 10)
        }
        let calls = try await house.database.query("SELECT id FROM job WHERE kind = \(DeliverWebhook.kind)")
        #expect(calls.count == Self.repetitions, "the last result of each task knew that it was the last")
    }

    @Test("3: what had failed or died counted as pressure for ever")
    func whatIsFinishedIsNoPressure() async throws {
        let house = try await TranslationHouse()
        let address = try await house.begin(["unreadable", "hello"])
        _ = try await house.finished(address)
        let stats = try await house.get("/stats").json
        #expect(stats["workers"]?["queue_pressure"] == 0)
        #expect(stats["queue"]?["total"] == 0)
    }

    @Test("3: what was deleted in work is no pressure either")
    func whatIsDeletedIsNoPressure() async throws {
        let house = try await TranslationHouse(hasWorker: false)
        let address = try await house.begin(["hello", "cat"])
        #expect(try await house.get("/stats").json["workers"]?["queue_pressure"] == 2)
        #expect(try await house.send(.delete, address).status == 200)
        #expect(try await house.get("/stats").json["workers"]?["queue_pressure"] == 0)
    }

    @Test("11: healthy meant that some key was not banned, whether or not it worked")
    func healthIsWhatTheModelsAnswered() async throws {
        let gemini = try await FakeGemini { _, _, _ in .raw(401, "{}") }
        let house = try await TranslationHouse(
            providers: [try #require(ModelTranslator(gemini.models)), WordList()],
            models: gemini.models,
        )
        #expect(try await house.translation.originalHealth(isRedisWell: true)["gemini_healthy"] == true)
        #expect(try await house.get("/stats").json["api_keys"] == ["total": 1, "active": 1])
        let address = try await house.begin(["hello"], [("target_language", "es"), ("provider", "model")])
        while try await house.translation.originalHealth(isRedisWell: true)["gemini_healthy"] == true {}
        let health = try await house.translation.originalHealth(isRedisWell: true)
        #expect(health == ["redis_connected": true, "gemini_healthy": false, "api_keys_count": 1])
        #expect(try await house.get("/stats").json["api_keys"] == ["total": 1, "active": 0])
        #expect(try await house.send(.delete, address).status == 200)
    }

    @Test("12: the queue carried every picture twice in base64, and wrote it anew for each result")
    func picturesDoNotTravelThroughTheQueue() async throws {
        let house = try await TranslationHouse(hasWorker: false)
        _ = try await house.begin(["hello"])
        let row = try #require(try await house.database.query("SELECT arguments FROM job").first)
        #expect(try row.get("arguments", as: String.self).utf8.count < 200)
        #expect(try await house.objects.list(prefix: "originals/").objects.count == 1)
    }

    @Test("a poll that had seen one result came back at once with the same, until the task ended")
    func aPollDoesNotRepeatWhatItTold() async throws {
        let gate = Gate()
        let house = try await TranslationHouse(
            time: ManualTime(),
            providers: [WordList { order in if order.texts[0] == "cat" { await gate.pass() } }],
        )
        let address = try await house.begin(["hello", "cat"])
        #expect(try await house.get("\(address)?since=0").json["seq"] == 1)
        async let next = house.get("\(address)?since=1")
        gate.open()
        #expect(try await next.json["seq"] == 2)
    }
}
