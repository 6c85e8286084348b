import Accounts
import Database
import HTTPServer
import Kernel
import ObjectStore
import TestSupport
import Testing

@testable import Images

/// Uploads per hour: one atomic count, and only what was accepted counts.
@Suite(.timeLimit(.minutes(5))) struct QuotaTests {
    @Test func hundredUploadsAtOnceAtALimitOfFiftyAcceptExactlyFifty() async throws {
        let time = ManualTime(Timestamp(milliseconds: 1_767_225_600_000 + 1_000_000))  // 1,000 s into an hour
        let house = try await House(time: time, hasWorker: false)
        let picture = PNG.plain(8, 8).bytes
        let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
            for _ in 0..<100 { group.addTask { try await house.upload(picture) } }
            return try await group.reduce(into: [Answer]()) { $0.append($1) }
        }
        #expect(answers.count { $0.status == 202 } == 50)
        let refused = answers.filter { $0.status == 429 }
        #expect(refused.count == 50)
        for answer in refused {
            #expect(answer.json["error"] == "Rate limit exceeded. Maximum 50 uploads per hour.")
            #expect(answer.json["code"] == "UPLOAD_003")
            #expect(answer[header: "Retry-After"] == "2600")
            #expect(answer[header: "X-RateLimit-Remaining"] == "0")
            #expect(answer[header: "X-RateLimit-Reset"] == "\(1_767_225_600 + 3600)")
            #expect(answer[header: "RateLimit-Reset"] == "2600")
        }
        let left = Set(answers.filter { $0.status == 202 }.compactMap { $0[header: "X-RateLimit-Remaining"] })
        #expect(left == Set((0..<50).map(String.init)), "no two uploads took the same place")
        #expect(try await house.objects.list(prefix: "staging/", after: nil, limit: 1000).objects.count == 50)
        #expect(try await house.rows("SELECT id FROM job").count == 50)
    }

    @Test func countStartsAgainWithTheNextHourAndIsEachUsersOwn() async throws {
        let time = ManualTime()
        let house = try await House(time: time, hasWorker: false, change: { $0.maxUploads = 1 })
        let picture = PNG.plain(8, 8).bytes
        #expect(try await house.upload(picture).status == 202)
        #expect(try await house.upload(picture).status == 429)
        #expect(try await house.upload(picture, by: .bob).status == 202)
        time.advance(by: .seconds(3599))
        let late = try await house.upload(picture)
        #expect(late.status == 429 && late[header: "Retry-After"] == "1")
        time.advance(by: .seconds(1))
        #expect(try await house.upload(picture).status == 202)
    }

    @Test func limitOfZeroAcceptsNothing() async throws {
        let house = try await House(hasWorker: false, change: { $0.maxUploads = 0 })
        #expect(try await house.upload(PNG.plain().bytes).status == 429)
        #expect(try await house.upload(PNG.plain().bytes, key: "k").status == 429)
        #expect(try await house.objects.list(prefix: "", after: nil, limit: 1).objects.isEmpty)
    }

    @Test func otherWindowIsSaidInTheMessage() async throws {
        let house = try await House(
            hasWorker: false,
            change: {
                $0.maxUploads = 0
                $0.uploadWindow = .seconds(300)
            },
        )
        let answer = try await house.upload(PNG.plain().bytes)
        #expect(answer.json["error"] == "Rate limit exceeded. Maximum 0 uploads per 5 minutes.")
    }
}
