import Database
import Jobs
import Kernel
import ObjectStore
import TestSupport
import Testing

@testable import Translation

/// What the original did wrong, as far as it is not shown elsewhere: lost partial results in `ResultTests`, the quotas
/// and bans of keys in the tests of the gateway.
@Suite(.timeLimit(.minutes(5))) struct OriginalDefectTests {
    /// It took a task from the queue and noted it elsewhere a moment later.
    @Test(arguments: DatabaseBackend.allCases)
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

    /// Its queue carried every picture twice in base64, and wrote it anew for each result.
    @Test func picturesDoNotTravelThroughTheQueue() async throws {
        let house = try await TranslationHouse(hasWorker: false)
        _ = try await house.begin(["hello"])
        let row = try #require(try await house.database.query("SELECT arguments FROM job").first)
        #expect(try row.get("arguments", as: String.self).utf8.count < 200)
        #expect(try await house.objects.list(prefix: "originals/").objects.count == 1)
    }

    /// What had failed or died counted as pressure for ever.
    @Test func whatIsFinishedIsNoPressure() async throws {
        let house = try await TranslationHouse()
        let address = try await house.begin(["unreadable", "hello"])
        _ = try await house.finished(address)
        let stats = try await house.get("/stats").json
        #expect(stats["workers"]?["queue_pressure"] == 0)
        #expect(stats["queue"]?["total"] == 0)
    }

    /// A poll that had seen one result came back at once with the same, until the task ended.
    @Test func aPollDoesNotRepeatWhatItTold() async throws {
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
