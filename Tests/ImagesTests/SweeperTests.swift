import Accounts
import Database
import HTTPServer
import Kernel
import ObjectStore
import TestSupport
import Testing

@testable import Images

/// What the hourly sweep takes and what it leaves.
@Suite(.timeLimit(.minutes(5))) struct SweeperTests {
    @Test func fileWithoutARowGoesAfterADayAndOneInWorkStays() async throws {
        // Files carry the system's time, so the clock starts there.
        let time = ManualTime(.now())
        let house = try await House(time: time, hasWorker: false)
        let waiting = try await house.upload(PNG.plain().bytes).id("image_id")
        let orphan = StagedSource.key(of: ID<ImageRecord>())
        try await house.objects.put([1], at: orphan)
        time.advance(by: .seconds(86_000))
        try await house.sweep()
        #expect(try await house.objects.list(prefix: "staging/", after: nil, limit: 9).objects.count == 2)
        time.advance(by: .seconds(1000))
        try await house.sweep()
        let left = try await house.objects.list(prefix: "staging/", after: nil, limit: 9).objects
        #expect(left.map { $0.key.description } == ["staging/images/\(waiting)"])
    }

    @Test func fileAsSentIsGoneOnceItsSizesAreMade() async throws {
        let house = try await House()
        _ = try await house.process(PNG.plain().bytes)
        try await house.untilEmpty(prefix: "staging/")
    }

    @Test func oldCountsAndKeysAreForgotten() async throws {
        let time = ManualTime()
        let house = try await House(time: time, hasWorker: false)
        _ = try await house.upload(PNG.plain().bytes, key: "k")
        try await house.sweep()
        #expect(try await house.rows("SELECT owner FROM image_idempotency").count == 1)
        time.advance(by: .seconds(2 * 86_400))
        try await house.sweep()
        #expect(try await house.rows("SELECT owner FROM image_idempotency").isEmpty)
        #expect(try await house.rows("SELECT subject FROM image_upload_slice").isEmpty)
    }

    @Test("18: the hourly clean-up never ran")
    func runsEveryHourByItself() async throws {
        let time = ManualTime(.now())
        let house = try await House(time: time, hasWorker: false)
        let sweeper = house.module.sweeper
        let running = Task { try await sweeper.run() }
        await time.untilSleepers(1)
        try await house.objects.put([1], at: StagedSource.key(of: ID<ImageRecord>()))
        for _ in 0..<25 {
            time.advance(by: .seconds(3600))
            await time.untilSleepers(1)
        }
        #expect(try await house.objects.list(prefix: "", after: nil, limit: 9).objects.isEmpty)
        running.cancel()
        try await running.value
    }
}
