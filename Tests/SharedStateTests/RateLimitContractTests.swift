import Kernel
import SharedState
import TestSupport
import Testing

/// The promises of rate limits, for every implementation.
@Suite(.timeLimit(.minutes(5))) struct RateLimitContractTests {
    private let time = ManualTime()

    @Test(arguments: Backend.allCases)
    func ofAHundredAtOnceExactlyTheLimitPasses(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        let allowed = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<100 {
                group.addTask { await state.rateLimit("u", limit: 50, window: .seconds(60)).isAllowed }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(allowed == 50)
    }

    @Test(arguments: Backend.allCases)
    func anAnswerSaysWhatIsLeft(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        for remaining in [2, 1, 0] {
            let decision = await state.rateLimit("u", limit: 3, window: .seconds(64))
            #expect(decision.isAllowed)
            #expect(decision.remaining == remaining)
            #expect((decision.retryAfter == .zero) == (remaining > 0))
        }
        let refused = await state.rateLimit("u", limit: 3, window: .seconds(64))
        #expect(!refused.isAllowed)
        #expect(refused.remaining == 0)
        #expect(refused.retryAfter >= .seconds(64) && refused.retryAfter <= .seconds(65))
    }

    @Test(arguments: Backend.allCases)
    func afterTheTimeToldOneMoreIsGrantedAndNotBefore(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        for _ in 0..<3 {
            _ = await state.rateLimit("u", limit: 3, window: .seconds(60))
            time.advance(by: .seconds(10))
        }
        let refused = await state.rateLimit("u", limit: 3, window: .seconds(60))
        #expect(!refused.isAllowed)
        time.advance(by: refused.retryAfter - .milliseconds(1))
        #expect(await !state.rateLimit("u", limit: 3, window: .seconds(60)).isAllowed)
        time.advance(by: .milliseconds(1))
        #expect(await state.rateLimit("u", limit: 3, window: .seconds(60)).isAllowed)
        #expect(await !state.rateLimit("u", limit: 3, window: .seconds(60)).isAllowed)
    }

    @Test(arguments: Backend.allCases)
    func refusedCallsTakeNothing(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        _ = await state.rateLimit("u", limit: 1, window: .seconds(60))
        for _ in 0..<59 {
            time.advance(by: .seconds(1))
            #expect(await !state.rateLimit("u", limit: 1, window: .seconds(60)).isAllowed)
        }
        time.advance(by: .seconds(2))
        #expect(await state.rateLimit("u", limit: 1, window: .seconds(60)).isAllowed)
    }

    /// Steady traffic at ten times the limit, from a fixed seed: no stretch of a window may see more than the limit, and
    /// no more than a slice's worth may be withheld.
    @Test(arguments: Backend.allCases)
    func noStretchOfTheWindowSeesMoreThanTheLimit(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        var generator = SplitMix(state: 7)
        var granted: [Timestamp] = []
        for _ in 0..<5000 {
            time.advance(by: .milliseconds(Int64.random(in: 0...200, using: &generator)))
            if await state.rateLimit("u", limit: 20, window: .seconds(20)).isAllowed { granted.append(time.now) }
        }
        for (index, moment) in granted.enumerated() {
            let inWindow = granted[index...].prefix { $0 - moment < .seconds(20) }.count
            #expect(inWindow <= 20)
        }
        // 500 s of 20 permits per 20 s: 500, less 1/64 for the slices and the last window.
        #expect(granted.count >= 470)
    }

    @Test(arguments: Backend.allCases)
    func keysAreCountedApart(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        #expect(await state.rateLimit("a", limit: 1, window: .seconds(60)).isAllowed)
        #expect(await state.rateLimit("b", limit: 1, window: .seconds(60)).isAllowed)
        #expect(await !state.rateLimit("a", limit: 1, window: .seconds(60)).isAllowed)
    }

    @Test(arguments: Backend.allCases, [0, -1])
    func aLimitOfNothingRefusesEverything(_ backend: Backend, limit: Int) async throws {
        let decision = try await backend.make(time).rateLimit("u", limit: limit, window: .seconds(60))
        #expect(!decision.isAllowed)
        #expect(decision.remaining == 0)
        #expect(decision.retryAfter > .zero)
    }

    @Test(arguments: Backend.allCases)
    func aClockThatIsSetBackDoesNotLockOut(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        _ = await state.rateLimit("u", limit: 1, window: .seconds(60))
        time.advance(by: .seconds(-7200))
        _ = await state.rateLimit("u", limit: 1, window: .seconds(60))
        time.advance(by: .seconds(61))
        #expect(await state.rateLimit("u", limit: 1, window: .seconds(60)).isAllowed)
    }
}
