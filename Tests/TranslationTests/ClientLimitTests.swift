import HTTPServer
import Kernel
import TestSupport
import Testing

@testable import Translation

/// How many requests a client may send.
@Suite(.timeLimit(.minutes(1))) struct ClientLimitTests {
    @Test func aClientThatAsksTooMuchWaits() async throws {
        let time = ManualTime()
        let house = try await TranslationHouse(time: time, hasWorker: false) { $0.taskRate = 2 }
        let picture = [("a.png", house.picture("hello"))]
        let first = try await house.translate(picture)
        #expect(first.status == 200)
        #expect(first.headers["RateLimit-Limit"] == "2")
        #expect(first.headers["RateLimit-Remaining"] == "1")
        #expect(try await house.translate(picture).status == 200)
        let third = try await house.translate(picture)
        #expect(third.status == 429)
        #expect(third.json["code"] == "rate_limited")
        #expect(third.headers["RateLimit-Remaining"] == "0")
        let wait = try #require(third.headers["RateLimit-Reset"].flatMap { Int($0) })
        #expect((1...62).contains(wait))
        #expect(try await house.get("/api/v1/translate/tasks").status == 200, "asking for results is not limited")
        time.advance(by: .seconds(wait))
        #expect(try await house.translate(picture).status == 200)
    }

    @Test func pollsHaveALimitOfTheirOwn() async throws {
        let house = try await TranslationHouse(hasWorker: false) { settings in
            settings.taskRate = 1
            settings.pollRate = 2
        }
        let address = try await house.begin(["hello"])
        #expect(try await house.get("\(address)?timeout=0").headers["RateLimit-Remaining"] == "1")
        #expect(try await house.get("\(address)?timeout=0").status == 200)
        let third = try await house.get("\(address)?timeout=0")
        #expect(third.status == 429 && third.json["code"] == "rate_limited")
        #expect(third.json["detail"]?.string?.contains("results") == true, "\(third.text)")
        #expect(third.headers["RateLimit-Limit"] == "2")
        #expect(try await house.get("\(address)/images/0").status == 200)
    }

    @Test func withoutALimitNothingIsTold() async throws {
        let house = try await TranslationHouse(hasWorker: false)
        let answer = try await house.translate([("a.png", house.picture("hello"))])
        #expect(answer.status == 200)
        #expect(answer.headers["RateLimit-Limit"] == nil)
    }
}
