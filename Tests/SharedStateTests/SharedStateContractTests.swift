import Kernel
import SharedState
import TestSupport
import Testing

/// What every implementation must do.
@Suite(.timeLimit(.minutes(5))) struct SharedStateContractTests {
    private let time = ManualTime()

    @Test(arguments: Backend.allCases)
    func aValueStaysUntilItsTimeIsOver(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        #expect(await state.get("a") == nil)
        await state.set("a", [1, 2], ttl: .seconds(10))
        await state.set("empty", [], ttl: .seconds(10))
        #expect(await state.get("empty") == [])
        time.advance(by: .milliseconds(9999))
        #expect(await state.get("a") == [1, 2])
        time.advance(by: .milliseconds(1))
        #expect(await state.get("a") == nil)
    }

    @Test(arguments: Backend.allCases)
    func settingAgainReplacesValueAndTime(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        await state.set("a", [1], ttl: .seconds(10))
        await state.set("a", [2], ttl: .seconds(20))
        time.advance(by: .seconds(15))
        #expect(await state.get("a") == [2])
    }

    @Test(arguments: Backend.allCases)
    func onlyOneOfManySetsAnAbsentKey(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        let winners = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<50 {
                group.addTask { await state.setIfAbsent("a", [UInt8(index)], ttl: .seconds(1)) }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(winners == 1)
        time.advance(by: .seconds(1))
        #expect(await state.setIfAbsent("a", [99], ttl: .seconds(1)))
        #expect(await state.get("a") == [99])
    }

    @Test(arguments: Backend.allCases)
    func deletingSaysWhetherSomethingWasThere(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        await state.set("a", [1], ttl: .seconds(1))
        #expect(await state.delete("a"))
        #expect(await !state.delete("a"))
        await state.set("b", [1], ttl: .seconds(1))
        time.advance(by: .seconds(1))
        #expect(await !state.delete("b"))
        await state.increment("c", ttl: .seconds(1))
        #expect(await state.delete("c"))
        #expect(await state.increment("c", ttl: .seconds(1)) == 1)
    }

    @Test(arguments: Backend.allCases)
    func deletingAPrefixLeavesTheRest(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        for index in 0..<100 { await state.set("user/1/\(index)", [1], ttl: .seconds(9)) }
        await state.increment("user/1/count", ttl: .seconds(9))
        await state.set("user/10", [7], ttl: .seconds(9))
        #expect(await state.deletePrefix("user/1/") == 101)
        #expect(await state.get("user/1/50") == nil)
        #expect(await state.get("user/10") == [7])
    }

    @Test(arguments: Backend.allCases)
    func countersAddUpFromManyTasks(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        let results = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<200 { group.addTask { await state.increment("n", by: 3, ttl: .seconds(60)) } }
            return await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(results == Set((1...200).map { $0 * 3 }))
        #expect(await state.increment("n", by: -600, ttl: .seconds(60)) == 0)
    }

    @Test(arguments: Backend.allCases)
    func aCounterLivesFromItsFirstStep(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        await state.increment("n", ttl: .seconds(10))
        time.advance(by: .seconds(6))
        #expect(await state.increment("n", ttl: .seconds(10)) == 2)
        time.advance(by: .seconds(4))
        #expect(await state.increment("n", ttl: .seconds(10)) == 1)
    }

    @Test(arguments: Backend.allCases)
    func aCounterStopsAtTheEndsOfInt(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        await state.increment("n", by: .max, ttl: .seconds(10))
        #expect(await state.increment("n", by: 1, ttl: .seconds(10)) == .max)
    }

    @Test(arguments: Backend.allCases)
    func kindsOfKeysDoNotMeet(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        await state.set("k", [1], ttl: .seconds(9))
        #expect(await state.increment("k", ttl: .seconds(9)) == 1)
        #expect(await state.rateLimit("k", limit: 1, window: .seconds(9)).isAllowed)
        #expect(await state.lock("k", ttl: .seconds(9)) != nil)
        #expect(await state.get("k") == [1])
    }
}
