import Database
import Kernel
import SharedState
import TestSupport
import Testing

@testable import Translation

/// Who is asked, how often, and what becomes of refusals.
@Suite(.timeLimit(.minutes(5))) struct DeskTests {
    @Test func aHundredEqualPicturesAreReadAndTranslatedOnce() async throws {
        let model = WordList(name: "model", isRemote: true)
        let house = try await TranslationHouse(providers: [model]) { $0.maxImages = 100 }
        let result = try await house.finished(try await house.begin(Array(repeating: "hello world", count: 100)))
        #expect(result["status"] == "completed")
        #expect(result["partial_results"]?.array?.allSatisfy { $0["translated_text"] == "hola mundo" } == true)
        #expect(house.spoken.reads.count == 1)
        #expect(model.calls.count == 1)
    }

    @Test("models are asked also while Redis is away", arguments: DatabaseBackend.allCases)
    func withoutSharedState(_ backend: DatabaseBackend) async throws {
        let state = AbsentState(MemorySharedState())
        let model = WordList(name: "model", isRemote: true)
        let house = try await TranslationHouse(backend: backend, providers: [model], state: state)
        state.isAway.value = true
        let address = try await house.begin(["hello"])
        while try await house.get("\(address)?timeout=0").json["success"] == .null {}
        #expect(try await house.get(address).json["partial_results"]?.array?.first?["translated_text"] == "hola")
    }

    @Test func whoRefusesIsFollowedByTheNext() async throws {
        let model = WordList(name: "model", isRemote: true) { _ in throw Unreadable() }
        let house = try await TranslationHouse(providers: [model, WordList()])
        let result = try await house.finished(try await house.begin(["hello"]))
        #expect(result["partial_results"]?.array?.first?["provider"] == "embedded")
        #expect(result["partial_results"]?.array?.first?["translated_text"] == "hola")
    }

    @Test func whoWasAskedForIsNotReplaced() async throws {
        let model = WordList(name: "model", isRemote: true) { _ in throw Unreadable() }
        let house = try await TranslationHouse(providers: [model, WordList()])
        let fields = [("target_language", "es"), ("provider", "model")]
        let result = try await house.finished(try await house.begin(["hello"], fields))
        #expect(result["status"] == "failed")
        let unknown = try await house.translate([("a.png", house.picture("x"))], [("provider", "nobody")])
        #expect(unknown.status == 422)
    }

    @Test func aQuotaIsWaitedForAndCostsNoTry() async throws {
        let time = ManualTime()
        let model = WordList(name: "model", isRemote: true) { [time] _ in
            if time.now < Timestamp(milliseconds: 1_767_225_660_000) {
                throw Full(until: Timestamp(milliseconds: 1_767_225_660_000))
            }
        }
        let house = try await TranslationHouse(time: time, providers: [model, WordList()])
        let address = try await house.begin(["hello"])
        await model.calls.until(1)
        let now = try await house.get("\(address)?timeout=0").json
        #expect(now["success"] == .null, "nobody else is asked meanwhile")
        async let finished = house.finished(address)
        // The clock moves when the job waits, and not before: it may wait for its time only then.
        while try await house.database.query("SELECT id FROM job WHERE state = 'delayed'").isEmpty {}
        time.advance(by: .seconds(61))
        let result = try await finished
        #expect(result["partial_results"]?.array?.first?["provider"] == "model")
    }

    @Test func aPairThatTurnsOutToBeImpossibleFailsThatPicture() async throws {
        let words = WordList { _ in
            throw TranslationError.unsupportedPair(source: "Finnish", target: "Spanish", able: ["gemini"])
        }
        let house = try await TranslationHouse(providers: [words])
        let result = try await house.finished(try await house.begin(["moi"]))
        #expect(result["status"] == "failed")
        #expect(result["partial_results"]?.array?.first?["error_code"] == "unsupported_pair")
    }

    @Test func wordsWithoutATranslationStayOnThePicture() async throws {
        let house = try await TranslationHouse(providers: [WordList(words: ["good": "…", "cat": "gato"])])
        let result = try await house.finished(try await house.begin(["good\ncat"]))
        let blocks = try #require(result["partial_results"]?.array?.first?["blocks"]?.array)
        #expect(blocks.map { $0["translation"] } == ["good", "gato"])
        #expect(blocks.map { $0["flags"] } == [["empty"], []])
    }

    @Test func textsThatAreWorthNothingAreTakenFromTheNext() async throws {
        let model = WordList(name: "model", isRemote: true, words: ["good": "buenos", "day": "días"])
        let house = try await TranslationHouse(providers: [model, WordList()])
        let result = try await house.finished(
            try await house.begin(["good day\nhello cat world\nthese remain unknown"])
        )
        let picture = try #require(result["partial_results"]?.array?.first)
        #expect(picture["provider"] == "model")
        let blocks = try #require(picture["blocks"]?.array)
        #expect(blocks.map { $0["translation"] } == ["buenos días", "hola gato mundo", "these remain unknown"])
        #expect(blocks.map { $0["flags"] } == [[], ["fallback"], ["unchanged"]])
    }

    @Test func wordsInTheRightLanguageStay() async throws {
        let words = WordList()
        let house = try await TranslationHouse(providers: [words])
        let fields = [("target_language", "en"), ("source_language", "English")]
        let result = try await house.finished(try await house.begin(["hello"], fields))
        #expect(result["partial_results"]?.array?.first?["translated_text"] == "hello")
        #expect(result["partial_results"]?.array?.first?["flags"] == ["same_language"])
        #expect(words.calls.count == 0)
    }

    @Test func aStrictTaskFailsRatherThanDeliverDoubt() async throws {
        let house = try await TranslationHouse(providers: [WordList()])
        let fields = [("target_language", "es"), ("strict", "true")]
        let words = "hello from nobody here"
        let strict = try await house.finished(try await house.begin(["these words remain", "hello cat"], fields))
        #expect(strict["partial_results"]?.array?[0]["error_code"] == "check_failed")
        #expect(strict["partial_results"]?.array?[0]["error"]?.string?.contains("unchanged (block 0)") == true)
        #expect(strict["partial_results"]?.array?[1]["status"] == "completed")
        let lenient = try await house.finished(try await house.begin(["these words remain", words]))
        #expect(lenient["status"] == "completed")
        #expect(lenient["partial_results"]?.array?[0]["flags"] == ["machine_translation", "unchanged"])
    }
}
