import Kernel
import SharedState
import TestSupport
import Testing

@testable import ModelGateway

/// Keys of many projects in many processes.
@Suite(.timeLimit(.minutes(5))) struct KeyTests {
    private let prompt = ModelPrompt(text: "hi")

    @Test("a key that was refused to one process is left alone by every process")
    func refusedEverywhere() async throws {
        let time = ManualTime()
        let server = try FakeProvider { _ in .raw(401, "{}") }
        let state = MemorySharedState(time: time)
        let first = try await GatewayBench([provider("p", .openai, server, .chat)], time: time, state: state)
        let second = try await GatewayBench(
            [provider("p", .openai, server, .chat)],
            time: time,
            state: state,
            database: first.database,
        )
        #expect(await thrown { try await first.gateway.chat(prompt) }?.code == "waiting_access")
        #expect(await thrown { try await second.gateway.chat(prompt) }?.code == "waiting_access")
        #expect(server.calls.all.count == 1)
        for bench in [first, second] {
            let status = try await bench.gateway.status()[0]
            #expect(status.reason == .access && status.pausedUntil == time.now + .seconds(600))
        }
        server.answer { _ in .says("ok") }
        time.advance(by: .seconds(600))
        #expect(try await second.gateway.chat(prompt).text == "ok")
        #expect(try await first.gateway.chat(prompt).text == "ok", "whoever finds out tells the others")
    }

    @Test("choosing one of a thousand keys costs no more than choosing the only one")
    func roundTrips() async throws {
        let server = try FakeProvider { _ in .says("ok") }
        var counts: [Int] = []
        for projects in [1, 1000] {
            let time = ManualTime()
            let state = CountingState(MemorySharedState(time: time))
            let keys = (1...projects).map { Secret("sk-project-number-\($0)") }
            let providers = provider("p", .openai, server, .chat) { $0.quota.requestsPerMinute = 60 }.projects(keys)
            let bench = try await GatewayBench(providers, time: time, state: state)
            for _ in 0..<20 { #expect(try await bench.gateway.chat(prompt).text == "ok") }
            counts.append(state.calls.count)
        }
        #expect(counts[0] == counts[1])
        #expect(counts[1] <= 20 * 5, "\(counts[1]) in 20 calls")
    }
}

/// Counts what a process asks of the shared state.
private final class CountingState: SharedState {
    let calls = Tally()
    private let state: MemorySharedState

    init(_ state: MemorySharedState) { self.state = state }

    private var counted: MemorySharedState {
        calls.add()
        return state
    }

    func get(_ key: String) -> [UInt8]? { counted.get(key) }
    func set(_ key: String, _ value: [UInt8], ttl: Duration) { counted.set(key, value, ttl: ttl) }
    func setIfAbsent(_ key: String, _ value: [UInt8], ttl: Duration) -> Bool {
        counted.setIfAbsent(key, value, ttl: ttl)
    }
    func delete(_ key: String) -> Bool { counted.delete(key) }
    func deletePrefix(_ prefix: String) -> Int { counted.deletePrefix(prefix) }
    func increment(_ key: String, by amount: Int, ttl: Duration) -> Int {
        counted.increment(key, by: amount, ttl: ttl)
    }
    func rateLimit(_ key: String, limit: Int, window: Duration) -> RateLimitDecision {
        counted.rateLimit(key, limit: limit, window: window)
    }
    func reserve(_ key: String, _ claims: [BudgetClaim]) -> BudgetDecision { counted.reserve(key, claims) }
    func correct(_ key: String, _ amounts: [String: Int], at moment: Timestamp) {
        counted.correct(key, amounts, at: moment)
    }
    func lock(_ key: String, ttl: Duration) -> LockToken? { counted.lock(key, ttl: ttl) }
    func extend(_ token: LockToken, ttl: Duration) -> Bool { counted.extend(token, ttl: ttl) }
    func unlock(_ token: LockToken) -> Bool { counted.unlock(token) }
    func publish(_ channel: String, message: [UInt8]) { counted.publish(channel, message: message) }
    func subscribe(_ channel: String, _ receive: @escaping @Sendable ([UInt8]) -> Void) -> Subscription {
        counted.subscribe(channel, receive)
    }
}
