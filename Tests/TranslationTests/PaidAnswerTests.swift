import Database
import Kernel
import ModelGateway
import TestSupport
import Testing

@testable import Translation

/// A picture that takes several calls of a model pays for none of them twice, however often it has to wait between them.
@Suite(.timeLimit(.minutes(5))) struct PaidAnswerTests {
    private static let refusal = #"""
        {"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[
        {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"30s"}]}}
        """#

    @Test("three calls with a refusal before each cost three calls", arguments: DatabaseBackend.allCases)
    func eachCallIsPaidForOnce(_ backend: DatabaseBackend) async throws {
        let time = ManualTime()
        let (refused, refusals, paid) = (Box(Set<String>()), Tally(), Recorder<String>())
        let gemini = try await FakeGemini(
            time: time,
            change: { $0.models[0].price.perRequest = 1 },
        ) { texts, question, _ in
            // Each question is refused when it comes first.
            if !refused.value.contains(question) {
                refused.value.insert(question)
                refusals.add()
                return .raw(429, Self.refusal)
            }
            paid.add(question)
            return .blocks(texts.mapValues { $0 == "in" ? "en" : "algo sin palabras" })
        }
        let model = try #require(ModelTranslator(gemini.models))
        let house = try await TranslationHouse(backend: backend, time: time, providers: [model])
        let address = try await house.begin(
            ["Hyrule sword\nmagic"],
            [("target_language", "es"), ("source_language", "en"), ("glossary", #"{"Hyrule":"Hyrule"}"#)],
        )
        async let finished = house.finished(address)
        for wait in 1...3 {
            await refusals.until(wait)
            while try await house.database.query("SELECT id FROM job WHERE state = 'delayed'").isEmpty {}
            time.advance(by: .seconds(31))
        }
        let result = try await finished
        let picture = try #require(result["partial_results"]?.array?.first)
        #expect(paid.all.count == 3 && Set(paid.all).count == 3)
        #expect(picture["cost"]?.number == 3)
        #expect(picture["blocks"]?.array?.first?["translation"]?.string?.contains("Hyrule") == true, "\(picture)")
    }

    @Test(
        "what was kept of an order is found with its claim, and goes with its task",
        arguments: DatabaseBackend.allCases,
    )
    func keptAnswersAreForgotten(_ backend: DatabaseBackend) async throws {
        let house = try await TranslationHouse(backend: backend, hasWorker: false)
        let memory = house.translation.memory
        let task = ID<TranslationTask>()
        _ = try await house.insert(task)
        var paid = PaidAnswers(nil) { answers in
            await #expect(throws: Never.self) {
                try await memory.keep(answers, as: TranslationMemory.begun("k"), for: task)
            }
        }
        #expect(paid.answer(to: "a") == nil)
        await paid.keep("b", to: "a")
        await paid.keep("d", to: "c")
        guard case .ours(let begun) = try await memory.claim("k", by: "x") else { throw TranslationError.taskNotFound }
        let again = PaidAnswers(begun) { _ in }
        #expect(again.answer(to: "a") == "b" && again.answer(to: "c") == "d")
        #expect(try await memory.claim("other", by: "x") == .ours(begun: nil))
        try await house.translation.remove(task)
        #expect(try await memory.claim("k", by: "x") == .ours(begun: nil))
    }
}
