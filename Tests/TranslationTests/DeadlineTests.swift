import Database
import Kernel
import TestSupport
import Testing

@testable import Translation

/// What happens when a client does not wait for ever.
@Suite(.timeLimit(.minutes(5))) struct DeadlineTests {
    private static let start = Timestamp(milliseconds: 1_767_225_600_000)

    /// A model whose quota comes back so many seconds after the beginning.
    private func full(for seconds: Int, _ time: ManualTime) -> WordList {
        WordList(name: "model", isRemote: true) { _ in
            let moment = Self.start + .seconds(seconds)
            if time.now < moment { throw Full(until: moment) }
        }
    }

    @Test func aQuotaThatComesBackTooLateIsNotWaitedFor() async throws {
        let time = ManualTime()
        let house = try await TranslationHouse(time: time, providers: [full(for: 120, time), WordList()])
        let fields = [("target_language", "es"), ("deadline", "30")]
        let result = try await house.finished(try await house.begin(["hello"], fields))
        #expect(result["partial_results"]?.array?.first?["provider"] == "embedded")
        #expect(time.now == Self.start, "nobody waited")
    }

    @Test func aQuotaThatComesBackInTimeIsWaitedFor() async throws {
        let time = ManualTime()
        let house = try await TranslationHouse(time: time, providers: [full(for: 20, time), WordList()])
        let address = try await house.begin(["hello"], [("target_language", "es"), ("deadline", "30")])
        async let finished = house.finished(address)
        while try await house.database.query("SELECT id FROM job WHERE state = 'delayed'").isEmpty {}
        time.advance(by: .seconds(21))
        #expect(try await finished["partial_results"]?.array?.first?["provider"] == "model")
    }

    @Test func helpWithBadTextsIsWaitedForToo() async throws {
        let time = ManualTime()
        let weak = WordList(name: "weak", isRemote: true, words: [:])
        let house = try await TranslationHouse(time: time, providers: [weak, full(for: 20, time)])
        let address = try await house.begin(["hello cat world"])
        async let finished = house.finished(address)
        while try await house.database.query("SELECT id FROM job WHERE state = 'delayed'").isEmpty {}
        time.advance(by: .seconds(21))
        let block = try await finished["partial_results"]?.array?.first?["blocks"]?.array?.first
        #expect(block?["translation"] == "hola gato mundo" && block?["flags"] == ["fallback"])
        #expect(weak.calls.count == 1)
    }

    @Test func whoNeverAnswersIsLeftAtTheDeadline() async throws {
        let time = ManualTime()
        let gate = Gate()
        let model = WordList(name: "model", isRemote: true) { _ in await gate.pass() }
        let house = try await TranslationHouse(time: time, providers: [model, WordList()])
        let address = try await house.begin(["hello"], [("target_language", "es"), ("deadline", "40")])
        await model.calls.until(1)
        time.advance(by: .seconds(41))
        let result = try await house.finished(address)
        #expect(result["partial_results"]?.array?.first?["provider"] == "embedded")
        gate.open()
    }

    @Test func withoutAnotherProviderItFailsAndSaysWhy() async throws {
        let time = ManualTime()
        let house = try await TranslationHouse(time: time, providers: [full(for: 120, time)])
        let fields = [("target_language", "es"), ("deadline", "30")]
        let result = try await house.finished(try await house.begin(["hello"], fields))
        let picture = try #require(result["partial_results"]?.array?.first)
        #expect(picture["state"] == "failed" && picture["error_code"] == "deadline_passed")
        #expect(picture["error"]?.string?.contains("as often as allowed") == true)
    }

    @Test(arguments: ["0", "-3", "soon", "86401"])
    func aDeadlineIsANumberOfSeconds(text: String) async throws {
        let house = try await TranslationHouse(hasWorker: false)
        let answer = try await house.translate([("a.png", house.picture("x"))], [("deadline", text)])
        #expect(answer.status == 422)
    }
}
