import Database
import HTTPServer
import Kernel
import TestSupport
import Testing

@testable import Translation

/// How long tasks stay.
@Suite(.timeLimit(.minutes(5))) struct RetentionTests {
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
