import HTTPServer
import Kernel
import TestSupport
import Testing

@testable import ModelGateway

/// What calls took is told as soon as it is known: whoever asked may get no answer.
@Suite(.timeLimit(.minutes(5))) struct BillingTests {
    private func priced(_ name: String, _ server: FakeProvider, _ purpose: ModelPurpose) -> ProviderSettings {
        provider(name, purpose == .image ? .gemini : .openai, server, purpose, model: name) {
            $0.price.perMillionOutputTokens = 1e6
        }
    }

    @Test func aRefusalIsToldAlthoughAnotherModelIsWaitedFor() async throws {
        let server = try FakeProvider { call in
            guard call.path.contains("/a:") else { return .raw(429, "{}", ["Retry-After": "600"]) }
            return .json([
                "candidates": [
                    ["content": ["role": "model", "parts": [["text": "No."]]], "finishReason": "NO_IMAGE", "index": 0]
                ],
                "usageMetadata": ["promptTokenCount": 300, "candidatesTokenCount": 1150],
            ])
        }
        let bench = try await GatewayBench([priced("a", server, .image), priced("b", server, .image)])
        let bills = Recorder<ModelUsage>()
        let error = await thrown {
            let prompt = ModelPrompt(system: "You draw.", text: "Draw it anew.", pictures: [picture])
            return try await bench.gateway.draw(prompt, aspectRatio: "1:1") { bills.add($0) }
        }
        #expect(error?.postponedUntil != nil, "\(String(describing: error))")
        #expect(bills.all.map(\.cost) == [1150])
    }

    @Test func anAnswerIsToldBeforeItIsAskedForAgain() async throws {
        let second = Gate()
        let isFirst = Box(true)
        let server = try FakeProvider { _ in
            defer { isFirst.value = false }
            guard !isFirst.value else { return .says("no JSON", output: 7) }
            second.open()
            return .silence
        }
        let bench = try await GatewayBench([priced("a", server, .vision)])
        let bills = Recorder<ModelUsage>()
        let asking = Task { try await bench.gateway.vision(memePrompt) { bills.add($0) } }
        await second.pass()
        asking.cancel()
        await #expect(throws: CancellationError.self) { try await asking.value }
        #expect(bills.all.map(\.cost) == [7])
    }
}
