import Kernel
import SharedState
import TestSupport
import Testing

/// The promises of locks, for every implementation.
@Suite(.timeLimit(.minutes(5))) struct LockContractTests {
    private let time = ManualTime()

    @Test(arguments: Backend.allCases)
    func onlyOneOfManyGetsTheLock(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        let holders = await withTaskGroup(of: LockToken?.self) { group in
            for _ in 0..<50 { group.addTask { await state.lock("l", ttl: .seconds(5)) } }
            return await group.reduce(into: [LockToken]()) { if let token = $1 { $0.append(token) } }
        }
        #expect(holders.count == 1)
    }

    @Test(arguments: Backend.allCases)
    func aLockFallsBackAndTheNextHolderHasAGreaterFence(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        let first = try #require(await state.lock("l", ttl: .seconds(5)))
        time.advance(by: .milliseconds(4999))
        #expect(await state.lock("l", ttl: .seconds(5)) == nil)
        time.advance(by: .milliseconds(1))
        let second = try #require(await state.lock("l", ttl: .seconds(5)))
        #expect(second.fence > first.fence)
        #expect(await !state.unlock(first))
        #expect(await !state.extend(first, ttl: .seconds(60)))
        #expect(await state.lock("l", ttl: .seconds(5)) == nil)
        #expect(await state.unlock(second))
        #expect(await state.lock("l", ttl: .seconds(5)) != nil)
    }

    @Test(arguments: Backend.allCases)
    func anExtendedLockLastsLonger(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        let token = try #require(await state.lock("l", ttl: .seconds(5)))
        time.advance(by: .seconds(4))
        #expect(await state.extend(token, ttl: .seconds(5)))
        time.advance(by: .seconds(4))
        #expect(await state.lock("l", ttl: .seconds(5)) == nil)
        time.advance(by: .seconds(1))
        #expect(await !state.extend(token, ttl: .seconds(5)))
    }

    @Test(arguments: Backend.allCases)
    func aLockIsGivenBackAfterTheBodyAlsoWhenItThrows(_ backend: Backend) async throws {
        struct Broken: Error {}
        let state = try await backend.make(time)
        await #expect(throws: Broken.self) {
            try await state.withLock("l", ttl: .seconds(5)) { _ in throw Broken() }
        }
        let nested = await state.withLock("l", ttl: .seconds(5)) { _ in
            await state.withLock("l", ttl: .seconds(5)) { _ in "inner" }
        }
        #expect(nested == .some(nil))
        #expect(await state.withLock("l", ttl: .seconds(5)) { $0.key } == "l")
    }
}
