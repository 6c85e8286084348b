import Database
import HTTPServer
import Kernel
import TestSupport
import Testing

@testable import Memes

/// The index in memory follows the rows, whoever changes them.
@Suite(.timeLimit(.minutes(5))) struct FollowerTests {
    @Test("what another process writes is found", arguments: DatabaseBackend.allCases)
    func anotherProcess(backend: DatabaseBackend) async throws {
        let writer = try await MemeHouse(backend: backend)
        let reader = try await MemeHouse(of: writer, hasWorker: false)
        let (rounds, round) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let index = Signalling(index: reader.memes.indexFollower.index, round: round)
        let following = Task { try await reader.memes.follower(of: index).run() }
        defer { following.cancel() }
        let id = try await writer.add("written elsewhere")
        for await _ in rounds where try await reader.found("elsewhere") == [id.description] { break }
        _ = try await writer.send(.patch, "/meme/\(id)", ["title": "renamed now"])
        for await _ in rounds where try await reader.found("renamed") == [id.description] { break }
        try await writer.memes.delete(id, actor: "test")
        for await _ in rounds where try await reader.found("renamed").isEmpty { break }
        #expect(reader.memes.index.count == 0)
        try await writer.memes.readIndex()
        #expect(reader.memes.index.generation == writer.memes.index.generation)
    }

    @Test func anIndexThatCannotBeReadFallsBehind() async throws {
        let time = ManualTime()
        let house = try await MemeHouse(time: time, hasWorker: false)
        let (rounds, round) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let following = Task { try await house.memes.follower(of: Broken(round: round)).run() }
        defer { following.cancel() }
        for await _ in rounds { break }
        time.advance(by: .seconds(90))
        #expect(house.metric("meme_index_lag_seconds") == 90)
    }

    @Test func memesAreCountedForWhoeverWatches() async throws {
        let (house, time) = (try await MemeHouse(), ManualTime())
        try await house.add("words on it")
        let (memes, metrics) = (house.memes.memes, house.metrics)
        let counting = Task { try await MemeCensus(memes: memes, log: .silent, metrics: metrics, time: time).run() }
        defer { counting.cancel() }
        await time.untilSleepers(1)
        #expect(house.metric(#"memes_stored{status="ready"}"#) == 1)
        #expect(house.metric("memes_without_words") == 0)
        try await house.add("", name: "bare.png")
        time.advance(by: .seconds(60))
        await time.untilSleepers(1)
        #expect(house.metric(#"memes_stored{status="ready"}"#) == 2)
        #expect(house.metric("memes_without_words") == 1)
    }

    @Test func aFoundMemeThatIsDeletedMeanwhileTakesNobodysPlace() async throws {
        let house = try await MemeHouse()
        let ids = [try await house.add("old words"), try await house.add("old words again")]
        let hits = try await house.memes.search(MemeQuery("old words", count: 5, cutsOff: false)).hits
        #expect(Set(hits.map(\.id)) == Set(ids.map(\.description)))
        let gone = try #require(ID<Meme>(hits[0].id))
        try await house.memes.delete(gone, actor: "test")
        let details = try await house.memes.details(of: hits)
        #expect(details.map(\.hit.id) == [hits[1].id])
        #expect(details.map(\.meme.id.description) == [hits[1].id])
    }

    @Test func aMemeThatIsGoneStaysGoneWhoeverHoldsAnOldRow() async throws {
        let house = try await MemeHouse()
        let id = try await house.add("old row")
        let meme = try #require(try await house.memes.memes.find(id))
        try await house.memes.delete(id, actor: "test")
        let entry = MemeIndex.Entry(id: id, perceptualHash: nil)
        house.memes.index.upsert([(entry, .init(meme, MemeTexts([]), libraries: []))])
        #expect(house.memes.index.count == 0)
        #expect(try await house.found("a").isEmpty)
    }

    @Test("changes are numbered in the order in which they become visible", arguments: DatabaseBackend.allCases)
    func order(backend: DatabaseBackend) async throws {
        let house = try await MemeHouse(backend: backend)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<12 {
                group.addTask {
                    _ = try await house.memes.add(house.picture("many \(number)"), name: "\(number).png")
                    try await house.memes.readIndex()
                }
            }
            try await group.waitForAll()
        }
        let ids = try await house.memes.memes.page(status: nil, before: nil, limit: 100).map(\.id)
        try await house.finish(ids)
        #expect(house.memes.index.count == 12)
        let numbers = try await house.database.query("SELECT number FROM meme ORDER BY number")
            .map { try $0.get("number", as: Int.self) }
        #expect(numbers == Array(1...12))
    }
}

/// An index that says when it has caught up.
private struct Signalling: FollowingIndex {
    let index: any FollowingIndex
    let round: AsyncStream<Void>.Continuation

    func catchUp() async throws {
        try await index.catchUp()
        round.yield()
    }
}

/// An index whose rows cannot be read.
private struct Broken: FollowingIndex {
    let round: AsyncStream<Void>.Continuation

    func catchUp() async throws {
        round.yield()
        throw DatabaseError.busy
    }
}

extension MemesModule {
    /// The follower of this process, for another index.
    fileprivate func follower(of index: any FollowingIndex) -> IndexFollower {
        IndexFollower(
            index: index,
            database: memes.database,
            log: .silent,
            metrics: parts.metrics,
            time: parts.time,
        )
    }
}

extension MemeHouse {
    /// The value of a metric without labels, or with them as they are rendered; `nil` without such a one.
    fileprivate func metric(_ name: String) -> Double? {
        let lines = String(decoding: metrics.render(), as: UTF8.self).split(separator: "\n")
        return lines.first { $0.hasPrefix("\(name) ") }.flatMap { Double($0.dropFirst(name.utf8.count + 1)) }
    }
}
