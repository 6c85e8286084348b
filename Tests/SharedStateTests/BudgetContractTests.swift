import Kernel
import SharedState
import TestSupport
import Testing

/// The promises of reservations, for every implementation.
@Suite(.timeLimit(.minutes(5))) struct BudgetContractTests {
    private let time = ManualTime()

    private func claims(_ requests: Int, _ tokens: Int) -> [BudgetClaim] {
        [
            BudgetClaim("requests", requests, limit: 10, window: .seconds(60)),
            BudgetClaim("tokens", tokens, limit: 100, window: .seconds(60)),
        ]
    }

    @Test(arguments: Backend.allCases)
    func allIsTakenOrNothing(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        let first = await state.reserve("m", claims(1, 70))
        #expect(first.isGranted && first.used == [1, 70] && first.retryAfter == .zero)
        #expect(first.moment == time.now)
        let second = await state.reserve("m", claims(1, 31))
        #expect(!second.isGranted && second.used == [1, 70])
        let third = await state.reserve("m", claims(1, 30))
        #expect(third.isGranted && third.used == [2, 100])
    }

    @Test(arguments: Backend.allCases)
    func afterTheTimeToldItIsGrantedAndNotBefore(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        _ = await state.reserve("m", claims(1, 60))
        time.advance(by: .seconds(20))
        _ = await state.reserve("m", claims(1, 30))
        let refused = await state.reserve("m", claims(1, 50))
        #expect(!refused.isGranted && refused.retryAfter > .seconds(39) && refused.retryAfter < .seconds(42))
        time.advance(by: refused.retryAfter - .milliseconds(1))
        #expect(await !state.reserve("m", claims(1, 50)).isGranted)
        time.advance(by: .milliseconds(1))
        #expect(await state.reserve("m", claims(1, 50)).used == [2, 80])
    }

    @Test(arguments: Backend.allCases)
    func aCorrectionGivesBackOrTakesMore(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        let taken = await state.reserve("m", claims(1, 80))
        await state.correct("m", ["tokens": -50, "requests": -1, "unknown": 3], at: taken.moment)
        #expect(await state.reserve("m", claims(0, 0)).used == [0, 30])
        await state.correct("m", ["tokens": 90], at: taken.moment)
        let full = await state.reserve("m", claims(1, 1))
        #expect(!full.isGranted && full.used == [0, 120])
        time.advance(by: .seconds(62))
        #expect(await state.reserve("m", claims(1, 1)).used == [1, 1])
    }

    @Test(arguments: Backend.allCases)
    func aCorrectionTakesNeverBelowNothingAndComesTooLateForNothing(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        let taken = await state.reserve("m", claims(1, 10))
        await state.correct("m", ["tokens": -5000], at: taken.moment)
        #expect(await state.reserve("m", claims(0, 0)).used == [1, 0])
        time.advance(by: .seconds(100))
        _ = await state.reserve("m", claims(1, 40))
        await state.correct("m", ["tokens": -40], at: taken.moment)
        #expect(await state.reserve("m", claims(0, 0)).used == [1, 40])
        await state.correct("nobody", ["tokens": 5], at: taken.moment)
        #expect(await state.reserve("nobody", claims(0, 0)).used == [0, 0])
    }

    @Test(arguments: Backend.allCases)
    func moreThanTheLimitIsGrantedWhenAllIsFree(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        #expect(await state.reserve("m", claims(1, 5000)).used == [1, 100])
        #expect(await !state.reserve("m", claims(1, 1)).isGranted)
    }

    @Test(arguments: Backend.allCases)
    func ofAHundredAtOnceExactlyTheLimitPasses(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        let granted = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<100 { group.addTask { await state.reserve("m", claims(1, 3)).isGranted } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(granted == 10)
        #expect(await state.reserve("m", claims(0, 0)).used == [10, 30])
    }

    /// Reservations of different sizes and their corrections, from a fixed seed: whatever was granted and not given
    /// back, no stretch of a window holds more than the limit.
    @Test(arguments: Backend.allCases)
    func noStretchOfTheWindowHoldsMoreThanTheLimit(_ backend: Backend) async throws {
        let state = try await backend.make(time)
        var generator = SplitMix(state: 11)
        var kept: [(moment: Timestamp, tokens: Int)] = []
        for _ in 0..<1500 {
            time.advance(by: .milliseconds(Int64.random(in: 0...400, using: &generator)))
            let tokens = Int.random(in: 1...30, using: &generator)
            let claim = BudgetClaim("tokens", tokens, limit: 100, window: .seconds(20))
            let decision = await state.reserve("m", [claim])
            guard decision.isGranted else { continue }
            let spare = Int.random(in: 0...tokens, using: &generator)
            if Bool.random(using: &generator) {
                await state.correct("m", ["tokens": -spare], at: decision.moment)
                kept.append((time.now, tokens - spare))
            } else {
                kept.append((time.now, tokens))
            }
        }
        for (index, first) in kept.enumerated() {
            let sum = kept[index...].prefix { $0.moment - first.moment < .seconds(20) }.reduce(0) { $0 + $1.tokens }
            #expect(sum <= 100)
        }
        #expect(kept.reduce(0) { $0 + $1.tokens } > 1000)
    }
}
