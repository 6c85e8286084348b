import Database
import TestSupport
import Testing

/// What every engine promises of announcements.
@Suite(.timeLimit(.minutes(5))) struct AnnouncementContract {
    @Test(
        "a subscriber first hears that it may have missed something, then what is said",
        arguments: DatabaseBackend.allCases,
    )
    func hears(backend: DatabaseBackend) async throws {
        let test = try await backend.make()
        var heard = test.database.announcements("news").makeAsyncIterator()
        #expect(await heard.next() == .missed)
        var second = test.database.announcements("news").makeAsyncIterator()
        #expect(await second.next() == .missed)
        test.database.announce("other", "not for us")
        test.database.announce("news", "it's \"here\"; ü")
        #expect(await heard.next() == .said("it's \"here\"; ü"))
        #expect(await second.next() == .said("it's \"here\"; ü"))
    }

    @Test("a closed database ends the streams, and so does a reader that leaves", arguments: DatabaseBackend.allCases)
    func ends(backend: DatabaseBackend) async throws {
        let test = try await backend.make()
        var heard = test.database.announcements("news").makeAsyncIterator()
        #expect(await heard.next() == .missed)
        await test.database.close()
        #expect(await heard.next() == nil)
        var late = test.database.announcements("news").makeAsyncIterator()
        #expect(await late.next() == nil)
    }

    @Test("every process on a PostgreSQL database hears, and the same words said at once are few")
    func processes() async throws {
        let place = try await PostgreSQLPlace(.shared())
        let (here, there) = (try await place.open(), try await place.open())
        var heard = there.announcements("news").makeAsyncIterator()
        #expect(await heard.next() == .missed)
        for _ in 0..<500 { here.announce("news", "again") }
        here.announce("news", "last")
        var again = 0
        while let next = await heard.next() {
            if next == .said("again") { again += 1 }
            // Of one batch the order is not promised: both have been heard when both were.
            if next == .said("last") { break }
        }
        #expect(again < 50)
        await here.close()
        await there.close()
    }
}
