import Database
import Kernel
import ObjectStore
import TestSupport
import Testing

@testable import Translation

/// What is done once for equal pictures, and what that must not cost them.
@Suite(.timeLimit(.minutes(5))) struct SharedWorkTests {
    private static let sketched = [("target_language", "es"), ("provider", "sketcher")]

    @Test func aPictureThatIsDeletedTakesNoOtherAlong() async throws {
        let flights = SingleFlight<String, Int>()
        let (begun, gate) = (Gate(), Gate())
        let deleted = Task.immediate {
            try await flights.withEqualPictures("a") {
                begun.open()
                await gate.pass()
                throw TranslationError.taskNotFound
            }
        }
        await begun.pass()
        let others = (0..<3).map { number in
            Task.immediate { try await flights.withEqualPictures("a") { number } }
        }
        gate.open()
        await #expect(throws: TranslationError.taskNotFound) { try await deleted.value }
        for other in others {
            let number = try await other.value
            #expect((0..<3).contains(number))
        }
    }

    @Test func otherFailuresAreEverybodys() async throws {
        let flights = SingleFlight<String, Int>()
        let gate = Gate()
        let callers = (0..<2).map { _ in
            Task.immediate {
                try await flights.withEqualPictures("a") {
                    await gate.pass()
                    throw Unreadable()
                }
            }
        }
        gate.open()
        for caller in callers { await #expect(throws: Unreadable.self) { try await caller.value } }
    }

    @Test func aDrawingThatAnotherOneReplacedIsNotTakenForIt() async throws {
        let sketcher = Sketcher()
        let house = try await TranslationHouse(providers: [sketcher])
        _ = try await house.finished(try await house.begin(["hello"], Self.sketched))
        _ = try await house.finished(try await house.begin(["hello"], Self.sketched))
        #expect(sketcher.calls.count == 1)
        let row = try #require(try await house.database.query("SELECT id FROM translation_image ORDER BY id").first)
        let first: ID<TranslationImage> = try row.get("id")
        try await house.objects.put(Array("sketch of adiós".utf8), at: TranslationObjects.drawingKey(of: first))
        let last = try await house.finished(try await house.begin(["hello"], Self.sketched))
        #expect(sketcher.calls.count == 2)
        #expect(last["partial_results"]?.array?.first?["flags"]?.array?.contains("drawn_by_model") == true)
    }

    @Test func equalPicturesWithoutATaskAllGetTheDrawing() async throws {
        let sketcher = Sketcher()
        let house = try await TranslationHouse(providers: [sketcher], hasWorker: false)
        let picture = house.picture("hello")
        try await withThrowingTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    let done = try await house.translation.translate(
                        picture,
                        from: nil,
                        to: "es",
                        provider: "sketcher",
                    )
                    #expect(done.flags.contains("drawn_by_model"))
                    #expect(String(decoding: done.drawing.picture, as: UTF8.self) == "es: hola on sketch of hola")
                }
            }
            try await group.waitForAll()
        }
        #expect(sketcher.calls.count == 1)
    }

    @Test func whoeverAsksForNoTaskKeepsNobodyWaiting() async throws {
        let house = try await TranslationHouse(hasWorker: false)
        let (desk, memory) = (house.translation.desk, house.translation.memory)
        let value = try await desk.alone("k", nil, "model") { _ in
            let claim = try await memory.claim("k", by: "another process")
            #expect(claim == .ours(begun: nil))
            return ["hola"]
        }
        #expect(value == ["hola"])
        #expect(try await memory.value("k") == ["hola"])
    }
}
