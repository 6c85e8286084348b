import Kernel
import Telemetry
import TestSupport
import Testing

@testable import SharedState

/// What is true of the memory's implementation only: its bounds.
@Suite(.timeLimit(.minutes(5))) struct MemorySharedStateTests {
    private let time = ManualTime()

    @Test func entriesNeverGrowPastTheBound() {
        let state = MemorySharedState(time: time, maxEntries: 1600)
        for index in 0..<20_000 { state.set("key/\(index)", [1], ttl: .seconds(60)) }
        #expect(state.entryCount <= 1600)
        #expect(state.entryCount > 1200)
        #expect(state.get("key/19999") == [1])
    }

    @Test func bytesNeverGrowPastTheBound() {
        let state = MemorySharedState(time: time, maxBytes: 16 << 20)
        let value = [UInt8](repeating: 1, count: 100_000)
        for index in 0..<1000 { state.set("key/\(index)", value, ttl: .seconds(60)) }
        #expect(state.entryCount * 100_000 <= 16 << 20)
        #expect(state.entryCount > 80)
    }

    @Test func aValueTooGreatIsNotKeptAndTheOldOneIsGone() {
        let state = MemorySharedState(time: time, maxBytes: 16 << 10)
        state.set("a", [1], ttl: .seconds(60))
        state.set("a", [UInt8](repeating: 1, count: 1 << 10), ttl: .seconds(60))
        #expect(state.get("a") == nil)
        #expect(!state.setIfAbsent("a", [UInt8](repeating: 1, count: 1 << 10), ttl: .seconds(60)))
    }

    @Test func whatHasExpiredGoesBeforeWhatLives() {
        let metrics = Metrics()
        let state = MemorySharedState(time: time, maxEntries: 1600, metrics: metrics)
        // A shard holds 100 and gets 63 of what lives: chance puts none past its bound. With what has expired it is 106.
        for index in 0..<700 { state.set("old/\(index)", [1], ttl: .seconds(1)) }
        for index in 0..<300 { state.set("living/\(index)", [1], ttl: .seconds(60)) }
        time.advance(by: .seconds(1))
        for index in 0..<700 { state.set("new/\(index)", [1], ttl: .seconds(60)) }
        let living = (0..<300).filter { state.get("living/\($0)") != nil }.count
        #expect(living == 300)
        #expect(metrics.counter("shared_state_evictions_total", "").value() == 0)
    }

    @Test func whatWasUsedLatelyStays() {
        let metrics = Metrics()
        let state = MemorySharedState(time: time, maxEntries: 1600, metrics: metrics)
        state.set("hot", [1], ttl: .seconds(60))
        for index in 0..<10_000 {
            state.set("key/\(index)", [1], ttl: .seconds(60))
            #expect(state.get("hot") == [1])
        }
        #expect(metrics.counter("shared_state_evictions_total", "").value() > 8000)
    }

    @Test func locksAreRefusedRatherThanDropped() throws {
        let state = MemorySharedState(time: time, maxEntries: 3)
        let first = try #require(state.lock("1", ttl: .seconds(60)))
        for key in ["2", "3"] { #expect(state.lock(key, ttl: .seconds(5)) != nil) }
        #expect(state.lock("4", ttl: .seconds(5)) == nil)
        time.advance(by: .seconds(5))
        #expect(state.lock("4", ttl: .seconds(5)) != nil)
        #expect(state.unlock(first))
    }

    @Test func aRateLimitTakesTheSameMemoryWhateverItsLimit() {
        var window = SlidingWindow(window: .seconds(60))
        for _ in 0..<100_000 {
            time.advance(by: .milliseconds(1))
            _ = window.take(limit: 1_000_000, at: time.now)
        }
        #expect(window.sliceCount <= 65)
    }
}
