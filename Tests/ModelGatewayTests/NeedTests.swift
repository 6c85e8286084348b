import Kernel
import TestSupport
import Testing

@testable import ModelGateway

/// How many calls at once the quotas of the models can use.
@Suite(.timeLimit(.minutes(2))) struct NeedTests {
    private func bench(_ quotas: [ModelQuota]) async throws -> (bench: GatewayBench, server: FakeProvider) {
        let server = try FakeProvider { _ in .says("ok", input: 30, output: 20) }
        let providers = quotas.enumerated().map { number, quota in
            provider("p\(number)", .openai, server, .chat) { $0.quota = quota }
        }
        return (try await GatewayBench(providers), server)
    }

    private func quota(requests: Int? = nil, tokens: Int? = nil) -> ModelQuota {
        var quota = ModelQuota()
        (quota.requestsPerMinute, quota.tokensPerMinute) = (requests, tokens)
        return quota
    }

    /// Little's law and three standard deviations.
    private func calls(_ mean: Double) -> CallNeed { .calls(mean + 3 * mean.squareRoot()) }

    @Test func requestsTokensAndAllProjectsCount() async throws {
        let quotas = [quota(requests: 60), quota(requests: 60, tokens: 1500), quota(tokens: 3000)]
        let (bench, server) = try await bench(quotas)
        #expect(bench.gateway.need([.chat]) == .unknown)
        bench.gateway.answers.note(.init(seconds: 4, tokens: 50), .chat)
        // One a second by requests, half of one by tokens, and one by tokens; of four seconds each.
        #expect(bench.gateway.need([.chat]) == calls((1 + 0.5 + 1) * 4))
        withExtendedLifetime(server) {}
    }

    @Test func aModelWithoutBoundsLiftsIt() async throws {
        let (bench, server) = try await bench([quota(requests: 60), quota()])
        bench.gateway.answers.note(.init(seconds: 4, tokens: 50), .chat)
        #expect(bench.gateway.need([.chat]) == .unlimited)
        #expect(bench.gateway.need([.image]) == .unlimited, "nobody draws here")
        withExtendedLifetime(server) {}
    }

    @Test func answersTellWhatTheyTake() async throws {
        let (bench, server) = try await bench([quota(requests: 600)])
        for _ in 0..<2 { _ = try await bench.gateway.chat(ModelPrompt(text: "hi")) }
        let mean = try #require(bench.gateway.answers.mean(.chat))
        #expect(mean.tokens == 50 && mean.seconds > 0)
        #expect(bench.gateway.need([.chat]) == calls(10 * mean.seconds))
        #expect(bench.gateway.need([.chat, .vision]) == calls(10 * mean.seconds), "nobody was asked to look")
        withExtendedLifetime(server) {}
    }

    @Test func laterAnswersCountForATenth() {
        let answers = MeanAnswers()
        answers.note(.init(seconds: 10, tokens: 100), .chat)
        answers.note(.init(seconds: 20, tokens: 300), .chat)
        #expect(answers.mean(.chat) == .init(seconds: 11, tokens: 120))
        #expect(answers.mean(.image) == nil)
    }
}
