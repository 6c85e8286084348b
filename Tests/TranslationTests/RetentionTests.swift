import Database
import HTTPServer
import Kernel
import ObjectStore
import TestSupport
import Testing

@testable import Translation

/// How long tasks stay.
@Suite(.timeLimit(.minutes(5))) struct RetentionTests {
    @Test(
        "tasks that are over go together, with their files and what they alone use",
        arguments: DatabaseBackend.allCases,
    )
    func together(_ backend: DatabaseBackend) async throws {
        let time = ManualTime()
        let house = try await TranslationHouse(backend: backend, time: time, providers: [WordList()])
        var short: [String] = []
        for number in 0..<TranslationSweep.atOnce * 2 + 3 {
            short.append(
                try await house.begin(["hello \(number)"], [("target_language", "es"), ("retention", "60")])
            )
        }
        let long = try await house.begin(["hello 1", "good day"], [("target_language", "es")])
        for address in short + [long] { _ = try await house.finished(address) }
        time.advance(by: .seconds(61))
        try await TranslationSweep(remove: house.translation.remove, retention: .seconds(86_400)).sweep()
        for address in short { #expect(try await house.get("\(address)?timeout=0").status == 404) }
        let result = try await house.get("\(long)?timeout=0").json
        #expect(result["partial_results"]?.array?.count == 2)
        let rows = try await house.database.query("SELECT id FROM translation_image").count
        #expect(rows == 2)
        #expect(try await house.objects.list(prefix: "translations/", after: nil, limit: 100).objects.count == 6)
        #expect(try await house.objects.list(prefix: "originals/", after: nil, limit: 100).objects.count == 2)
        let left = try await house.database.query(
            "SELECT id FROM image WHERE deleted_at IS NOT NULL AND keeps_original = 1"
        )
        #expect(left.isEmpty)
        let unused = try await house.database.query(
            "SELECT id FROM translation_memory WHERE id NOT IN (SELECT memory_id FROM translation_memory_use)"
        )
        #expect(unused.isEmpty)
    }

    @Test func aTaskMayGoSoonerThanOthers() async throws {
        let time = ManualTime()
        let house = try await TranslationHouse(time: time, hasWorker: false)
        let short = try await house.begin(["hello"], [("target_language", "es"), ("retention", "60")])
        let long = try await house.begin(["hello"], [("target_language", "es"), ("retention", "2678400")])
        time.advance(by: .seconds(61))
        let sweep = TranslationSweep(remove: house.translation.remove, retention: .seconds(86_400))
        try await sweep.sweep()
        #expect(try await house.get("\(short)?timeout=0").status == 404)
        #expect(try await house.get("\(long)?timeout=0").status == 200)
        time.advance(by: .seconds(86_400))
        try await sweep.sweep()
        #expect(try await house.get("\(long)?timeout=0").status == 404, "no longer than tasks stay")
        let refused = try await house.translate([("a.png", house.picture("x"))], [("retention", "59")])
        #expect(refused.status == 422)
    }
}
