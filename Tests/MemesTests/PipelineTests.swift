import Database
import Kernel
import ObjectStore
import TestSupport
import Testing

@testable import Memes

/// From a file to a meme that is found.
@Suite(.timeLimit(.minutes(5))) struct PipelineTests {
    @Test("words on a picture find it", arguments: DatabaseBackend.allCases)
    func wordsFind(backend: DatabaseBackend) async throws {
        let house = try await MemeHouse(backend: backend)
        let tired = try await house.add("tired on monday")
        let cat = try await house.add("my cat drops everything")
        #expect(try await house.found("monday tired") == [tired.description])
        #expect(try await house.found("cats").first == cat.description)
        let meme = try #require(try await house.memes.memes.find(tired))
        #expect(meme.status == .ready)
        let numbers = try await house.database.query("SELECT number FROM meme ORDER BY number")
            .map { try $0.get("number", as: Int.self) }
        #expect(numbers == [1, 2])
    }

    @Test func nameFindsAPictureBeforeItIsRead() async throws {
        let house = try await MemeHouse()
        let added = try await house.memes.add(house.picture("nothing"), name: "sad_pikachu.png")
        try await house.memes.readIndex()
        #expect(try await house.found("pikachu") == [added.id.description])
        try await house.finish([added.id])
    }

    @Test("while the model is away memes wait, and none is given up", arguments: DatabaseBackend.allCases)
    func modelAway(backend: DatabaseBackend) async throws {
        let (time, embedder) = (ManualTime(), BagEmbedder())
        let house = try await MemeHouse(backend: backend, time: time, embedder: embedder)
        embedder.setAway(true)
        var ids: [ID<Meme>] = []
        for number in 0..<12 {
            ids.append(try await house.memes.add(house.picture("number \(number)"), name: "\(number).png").id)
        }
        let isPaused = {
            try await house.database.first("SELECT kind FROM job_breaker WHERE state = 'open' AND kind = 'memes.embed'")
                != nil
        }
        while try await !isPaused() { await Task.yield() }
        embedder.setAway(false)
        while try await house.memes.countUnfinished(of: ids) > 0 { time.advance(by: .seconds(1)) }
        for id in ids { #expect(try await house.memes.memes.find(id)?.status == .ready) }
        #expect(try await !isPaused())
    }

    @Test("equal bytes are one meme with several sources", arguments: DatabaseBackend.allCases)
    func equalBytes(backend: DatabaseBackend) async throws {
        let house = try await MemeHouse(backend: backend)
        let picture = house.picture("same")
        let results = try await withThrowingTaskGroup(of: MemesModule.Added.self) { group in
            for source in ["a", "b", "c", "d"] {
                group.addTask { try await house.memes.add(picture, name: "\(source).png", source: source) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(results.map(\.id)).count == 1)
        #expect(results.count { $0.isNew } == 1)
        #expect(try await house.memes.aliases.sources(of: results[0].id) == ["a", "b", "c", "d"])
        let images = try await house.database.query("SELECT id FROM image")
        #expect(images.count == 1, "a picture that lost the race leaves nothing")
        let originals = try await house.objects.list(prefix: "originals/", limit: 10).objects
        #expect(originals.count == 1)
    }

    @Test func withoutPartsStagesAreSkippedAndSayWhatIsMissing() async throws {
        let house = try await MemeHouse(hasReader: false)
        let added = try await house.memes.add(house.picture("x"), name: "happy.png")
        try await house.finish([added.id])
        let meme = try #require(try await house.memes.memes.find(added.id))
        #expect(meme.status == .ready)
        let stages = try await house.memes.stages.all(hash: meme.contentHash)
        #expect(stages.map(\.stage) == [.read, .describe, .embed])
        #expect(stages.allSatisfy { $0.state == .skipped })
        #expect(stages[0].detail.contains("tesseract-ocr-eng"))
        #expect(stages.allSatisfy { !$0.detail.isEmpty })
    }

    @Test func aStageThatIsGivenUpLeavesTheRestAlone() async throws {
        let describer = PictureDescriber(version: "refuses") { _ in throw MemesError.notAllowed(scope: "never") }
        let house = try await MemeHouse(describer: describer)
        let id = try await house.add("still found")
        let meme = try #require(try await house.memes.memes.find(id))
        #expect(meme.status == .failed)
        #expect(try await house.found("still found") == [id.description])
        let stages = try await house.memes.stages.all(hash: meme.contentHash)
        #expect(stages.map(\.state) == [.done, .failed, .skipped])
    }

    @Test func aDescriptionIsPaidForOnceAndFindsTheMeme() async throws {
        let calls = Tally()
        let describer = PictureDescriber(version: "model/1") { _ in
            calls.add()
            return [
                MemeText(.meaning, ["being exhausted at work"], by: .vlm), MemeText(.subjects, ["owl"], by: .vlm),
            ]
        }
        let house = try await MemeHouse(describer: describer)
        let id = try await house.add("zzz")
        #expect(try await house.found("exhausted owl") == [id.description])
        try await house.memes.delete(id, actor: "test")
        let again = try await house.add("zzz")
        #expect(again != id)
        #expect(calls.count == 1)
    }

    @Test func deletedMemeIsGoneAtOnceAndForGood() async throws {
        let house = try await MemeHouse()
        let id = try await house.add("short lived")
        let other = try await house.add("long lived")
        try await house.memes.delete(id, actor: "test")
        #expect(try await house.found("lived") == [other.description])
        try await house.memes.readIndex()
        #expect(try await house.found("lived") == [other.description])
        #expect(try await house.objects.list(prefix: "originals/", limit: 10).objects.count == 1)
        await #expect(throws: MemesError.memeNotFound) { try await house.memes.delete(id, actor: "test") }
    }
}
