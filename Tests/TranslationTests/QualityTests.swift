import HTTPServer
import Kernel
import Testing

@testable import Translation

/// What a result says of how good it is, with real words on real pictures.
@Suite(.timeLimit(.minutes(5))) struct QualityTests {
    /// Says one text for every text.
    private struct Verbose: TranslationProvider {
        let text: String
        var name: String { "embedded" }
        var version: String { "1" }
        var isRemote: Bool { false }

        func reach(from source: Language?, to target: Language) -> TranslationReach? { .direct }

        func translate(_ order: TranslationOrder) async throws -> TranslationAnswer {
            TranslationAnswer(
                texts: order.texts.map { _ in TranslationAnswer.Text(text, confidence: 0.9) },
                source: "en",
            )
        }
    }

    /// Without repetitions.
    private static let tooLong = "bcdfghlmnprst".flatMap { first in
        "bcdfghlmnprst".map { "\(first)ara\($0)osa" }
    }.joined(separator: " ")

    private func house(
        _ provider: any TranslationProvider,
        change: (inout TranslationSettings) -> Void = { _ in },
    ) async throws -> TranslationHouse {
        try await TranslationHouse(providers: [provider], letterer: realLetterer.value, change: change)
    }

    /// The only picture of a task.
    private func translated(
        _ sign: DrawnSign,
        in house: TranslationHouse,
        strict: Bool = false,
    ) async throws -> (picture: JSON, address: String) {
        let fields = [("target_language", "es")] + (strict ? [("strict", "true")] : [])
        let answer = try await house.translate([("sign.png", sign.file)], fields)
        let address = "/api/v1/translate/result/\(try #require(answer.json["task_id"]?.string))"
        let result = try await house.finished(address)
        return (try #require(result["partial_results"]?.array?.first), address)
    }

    @Test("a good picture is read again without a mistake", arguments: [false, true])
    func good(isStrict: Bool) async throws {
        let house = try await house(Verbose(text: "Abierto hasta las nueve"))
        let (picture, _) = try await translated(DrawnSign(["Open until seven o'clock"]), in: house, strict: isStrict)
        #expect(picture["state"] == "completed" && picture["flags"] == [], "\(picture)")
        let quality = try #require(picture["quality"])
        #expect(
            quality["residual"]?.number == 0 && quality["readback_cer"]?.number == 0 && quality["overflow"]?.number == 0
        )
        #expect(quality["mt_conf"]?.number == 0.9)
        #expect(quality["ocr_conf"]?.number ?? 0 > 0.85)
    }

    @Test func aTextThatDoesNotFitIsSaidAndFailsAStrictTask() async throws {
        let house = try await house(Verbose(text: Self.tooLong))
        let sign = try await DrawnSign(["Open"], size: 24)
        let strict = try await translated(sign, in: house, strict: true).picture
        #expect(strict["state"] == "failed" && strict["error_code"] == "check_failed")
        #expect(strict["error"]?.string?.contains("overflow (block 0)") == true)
        #expect(strict["image_url"] == .null && strict["quality"] == .null)
        let lenient = try await translated(sign, in: house).picture
        #expect(lenient["state"] == "completed" && lenient["flags"] == ["overflow"])
        #expect(lenient["quality"]?["overflow"]?.number == 1)
        #expect(lenient["quality"]?["readback_cer"] == .null, "the place still shows its own words")
    }

    @Test func changedWordsAreReadAgain() async throws {
        let house = try await house(Verbose(text: "Abierto hasta las nueve"))
        let (_, address) = try await translated(DrawnSign(["Open until seven o'clock"]), in: house)
        let body: JSON = ["blocks": [["id": 0, "translation": "Cerrado hasta mañana"]]]
        let edited = try await house.send(.patch, "\(address)/images/0/blocks", body)
        #expect(edited.status == 200 && edited.json["quality"]?["readback_cer"]?.number == 0)
        let own: JSON = ["blocks": [["id": 0, "skipped": true]]]
        let skipped = try await house.send(.patch, "\(address)/images/0/blocks", own)
        #expect(skipped.json["quality"]?["readback_cer"] == .null)
    }

    @Test func readingAgainMayBeTurnedOffButNotForStrictTasks() async throws {
        let house = try await house(Verbose(text: "Abierto hasta las nueve")) { $0.checks = false }
        let sign = try await DrawnSign(["Open until seven o'clock"])
        let lenient = try await translated(sign, in: house).picture
        #expect(lenient["quality"]?["residual"] == .null && lenient["quality"]?["readback_cer"] == .null)
        let strict = try await translated(sign, in: house, strict: true).picture
        #expect(strict["quality"]?["readback_cer"]?.number == 0)
    }
}
