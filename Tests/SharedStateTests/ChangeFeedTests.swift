import Kernel
import SharedState
import Synchronization
import TestSupport
import Testing

private enum Thing {}

/// Who follows a thing hears of its changes, also of those that no message told.
@Suite(.timeLimit(.minutes(1))) struct ChangeFeedTests {
    private let time = ManualTime()
    private let shelf = Shelf()

    /// A feed whose messages get lost.
    private func deafFeed() -> ChangeFeed<Thing> {
        let state = AbsentState(MemorySharedState(time: time))
        state.isAway.value = true
        let watch = ChangeWatch<Thing>(every: .seconds(2), time: time) { [shelf] in try shelf.read($0) }
        return ChangeFeed("things", state: state, time: time, watch: watch)
    }

    /// Lets the feed look once, and returns when it has and waits for the next time.
    private func look() async {
        await time.untilSleepers(1)
        time.advance(by: .seconds(2))
        await time.untilSleepers(1)
    }

    @Test func aMessageTells() async {
        let feed = ChangeFeed<Thing>("things", state: MemorySharedState(time: time), time: time, watch: nil)
        let id = ID<Thing>()
        var changes = await feed.follow(id).makeAsyncIterator()
        feed.publish(id)
        #expect(await changes.next() != nil)
    }

    @Test func itEndsAtItsMoment() async {
        let feed = ChangeFeed<Thing>("things", state: MemorySharedState(time: time), time: time, watch: nil)
        var changes = await feed.follow(ID(), until: time.now + .seconds(60)).makeAsyncIterator()
        await time.untilSleepers(1)
        time.advance(by: .seconds(60))
        #expect(await changes.next() == nil)
    }

    @Test func eachEndsAtItsOwnMoment() async {
        let feed = ChangeFeed<Thing>("things", state: MemorySharedState(time: time), time: time, watch: nil)
        let start = time.now
        var ends: [AsyncStream<Void>.Iterator] = []
        // The first one comes last, so the sleep is cut short; two end together.
        for second in [3, 1, 2, 2] {
            ends.append(await feed.follow(ID(), until: start + .seconds(second)).makeAsyncIterator())
        }
        let endless = ID<Thing>()
        var changes = await feed.follow(endless).makeAsyncIterator()
        for (second, ended) in [(1, [1]), (2, [2, 3]), (3, [0])] {
            await time.untilSleepers(1)
            time.advance(by: .seconds(1))
            #expect(time.now == start + .seconds(second))
            for place in ended { #expect(await ends[place].next() == nil) }
        }
        feed.publish(endless)
        #expect(await changes.next() != nil)
    }

    @Test func nothingIsLeftOfThoseThatEnded() async {
        let state = MemorySharedState(time: time)
        let feed = ChangeFeed<Thing>("things", state: state, time: time, watch: nil)
        let minute = time.now + .seconds(60)
        var stream: AsyncStream<Void>? = await feed.follow(ID(), until: minute)
        #expect(state.subscriberCount == 1)
        await time.untilSleepers(1)
        _ = stream
        stream = nil
        #expect(state.subscriberCount == 0, "it was never read")
        await time.untilNobodySleeps()
        let cancelled = await feed.follow(ID(), until: minute)
        await time.untilSleepers(1)
        let reader = Task { for await _ in cancelled {} }
        reader.cancel()
        await reader.value
        #expect(state.subscriberCount == 0, "its reader was cancelled")
        await time.untilNobodySleeps()
        for await _ in await changed(feed, until: minute) { break }
        #expect(state.subscriberCount == 0, "its loop was left")
        await time.untilNobodySleeps()
        var ended = await feed.follow(ID(), until: minute).makeAsyncIterator()
        await time.untilSleepers(1)
        time.advance(by: .seconds(60))
        #expect(await ended.next() == nil)
        #expect(state.subscriberCount == 0, "its moment came")
    }

    private func changed(_ feed: ChangeFeed<Thing>, until deadline: Timestamp) async -> AsyncStream<Void> {
        let id = ID<Thing>()
        let changes = await feed.follow(id, until: deadline)
        await time.untilSleepers(1)
        feed.publish(id)
        return changes
    }

    @Test func aLookFindsWhatNoMessageTold() async {
        let feed = deafFeed()
        let ids = [ID<Thing>(), ID<Thing>(), ID<Thing>()]
        for id in ids { shelf.put("old", id) }
        let heard = Recorder<Int>()
        let tally = Tally()
        var listeners: [Task<Void, Never>] = []
        for (number, id) in ids.enumerated() {
            let changes = await feed.follow(id)
            listeners.append(
                Task {
                    for await _ in changes {
                        heard.add(number)
                        tally.add()
                    }
                }
            )
        }
        await look()
        await tally.until(3)
        #expect(heard.all.sorted() == [0, 1, 2], "what changed before the first look is not known")
        shelf.put("new", ids[1])
        await look()
        await tally.until(4)
        shelf.put(nil, ids[2])
        await look()
        await tally.until(5)
        #expect(heard.all.dropFirst(3) == [1, 2], "nobody but whose thing changed, or went")
        for listener in listeners { listener.cancel() }
    }

    @Test func thousandsAreLookedAtWithAFewQuestions() async {
        let feed = deafFeed()
        var followed: [AsyncStream<Void>] = []
        for _ in 0..<2500 { followed.append(await feed.follow(ID())) }
        await look()
        #expect(shelf.questions.all.sorted() == [500, 1000, 1000])
        await look()
        #expect(shelf.questions.all.count == 6)
        withExtendedLifetime(followed) {}
    }

    @Test func aLookThatFailsIsMadeUpFor() async {
        let feed = deafFeed()
        let id = ID<Thing>()
        shelf.put("old", id)
        var changes = await feed.follow(id).makeAsyncIterator()
        await look()
        #expect(await changes.next() != nil)
        shelf.isAway.value = true
        shelf.put("new", id)
        await look()
        shelf.isAway.value = false
        await look()
        #expect(await changes.next() != nil)
    }

    @Test func nobodyLooksAtWhatNobodyFollows() async {
        let feed = deafFeed()
        let first = await feed.follow(ID())
        let listener = Task { for await _ in first {} }
        await look()
        listener.cancel()
        await listener.value
        let id = ID<Thing>()
        let second = await feed.follow(id)
        await look()
        #expect(shelf.questions.all == [1, 1], "the first is not asked for any more")
        withExtendedLifetime(second) {}
    }
}

/// Where things are, and how often one looked.
private final class Shelf: Sendable {
    private struct Away: Error {}

    let isAway = Box(false)
    /// How many things each question named.
    let questions = Recorder<Int>()
    private let things = Mutex<[ID<Thing>: String]>([:])

    func put(_ version: String?, _ id: ID<Thing>) { things.withLock { $0[id] = version } }

    func read(_ ids: [ID<Thing>]) throws -> [ID<Thing>: String] {
        questions.add(ids.count)
        if isAway.value { throw Away() }
        return things.withLock { things in things.filter { ids.contains($0.key) } }
    }
}
