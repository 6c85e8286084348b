import Database
import Jobs
import HTTPServer
import Kernel
import TestSupport
import Testing

@testable import Translation

/// Clients take turns, whatever each of them has sent.
@Suite(.timeLimit(.minutes(2))) struct FairnessTests {
    @Test func aPollSaysHowManyPicturesAreBefore() async throws {
        let house = try await TranslationHouse(hasWorker: false)
        let first = try await house.begin(["hello", "world"])
        let second = try await house.begin(["cat", "day"])
        #expect(try await house.get("\(first)?timeout=0").json["queue_position"] == 0)
        #expect(try await house.get("\(second)?timeout=0").json["queue_position"] == 2)
        #expect(try await house.send(.delete, first).status == 200)
        #expect(try await house.get("\(second)?timeout=0").json["queue_position"] == 0)
    }

    /// A thousand that wait for tomorrow's quota keep nobody waiting, but those among them wait for tomorrow.
    @Test(arguments: DatabaseBackend.allCases)
    func whatIsPutOffIsNotBefore(_ backend: DatabaseBackend) async throws {
        let house = try await TranslationHouse(backend: backend, time: ManualTime(), hasWorker: false)
        try await send(30, of: "A", to: house)
        let first = try await house.begin(["hello", "world"])
        #expect(try await house.get("\(first)?timeout=0").json["queue_position"] == 1, "one has the same turn")
        try await house.database.execute("UPDATE translation_image SET turn = turn + 50 WHERE client <> 'A'")
        try await house.database.execute(
            """
            UPDATE job SET priority = priority - 50
            WHERE id IN (SELECT job_id FROM translation_image WHERE client <> 'A')
            """
        )
        let before = try await house.get("\(first)?timeout=0").json
        #expect(before["queue_position"] == 30)
        try await putOff("client = 'A' AND turn >= 5", for: .seconds(9999), in: house)
        try await putOff("client = 'A' AND turn < 5", for: .seconds(20), in: house)
        let after = try await house.get("\(first)?timeout=0").json
        #expect(after["queue_position"] == 5, "those that are put off for a moment come sooner all the same")
        #expect(try #require(after["estimated_wait_time"]?.integer) < #require(before["estimated_wait_time"]?.integer))
        try await putOff("client <> 'A'", for: .seconds(5000), in: house)
        let wait = try #require(try await house.get("\(first)?timeout=0").json["estimated_wait_time"]?.integer)
        #expect((5000...5010).contains(wait))
    }

    @Test(arguments: DatabaseBackend.allCases)
    func behindThousandsAllAreCounted(_ backend: DatabaseBackend) async throws {
        let time = ManualTime()
        let house = try await TranslationHouse(backend: backend, time: time, hasWorker: false)
        let (parts, pictures) = (house.translation.stageParts, try await house.insert(ID(), images: 1500))
        try await house.database.transaction { transaction in
            // The last 200 have the same turn, as those have that come from many clients at once.
            for (turn, picture) in pictures.enumerated() {
                try FairTurns().give(min(turn, 1300), to: picture, of: "A", in: transaction)
                try parts.enqueue(ReadPicture(image: picture), of: picture, in: transaction)
            }
        }
        let address = try await house.begin(["hello"])
        for (turn, before) in [(1300, 1500), (900, 901), (1200, 1201), (5000, 1500)] {
            time.advance(by: .seconds(3))
            try await house.database.execute("UPDATE translation_image SET turn = \(turn) WHERE client <> 'A'")
            try await house.database.execute(
                "UPDATE job SET priority = \(-turn) WHERE id IN (SELECT job_id FROM translation_image WHERE client <> 'A')"
            )
            // One of the others, which came before, has the same turn.
            #expect(try await house.get("\(address)?timeout=0").json["queue_position"] == JSON(before))
        }
    }

    private func putOff(_ which: SQL, for delay: Duration, in house: TranslationHouse) async throws {
        try await house.database.execute(
            """
            UPDATE job SET state = 'delayed', run_at = \(house.time.now + delay)
            WHERE id IN (SELECT job_id FROM translation_image WHERE \(which))
            """
        )
    }

    /// A sends four times as much as D, and before everyone else. Until D has all of its pictures, each client gets the
    /// same share.
    @Test(arguments: DatabaseBackend.allCases)
    func clientsThatWaitGetEqualShares(_ backend: DatabaseBackend) async throws {
        let order = Recorder<String>()
        let house = try await TranslationHouse(
            backend: backend,
            time: ManualTime(),
            providers: [WordList { order.add($0.texts[0]) }],
            hasWorker: false,
        )
        let sent = [("A", 40), ("B", 20), ("C", 20), ("D", 10)]
        for (client, count) in sent { try await send(count, of: client, to: house) }
        try await work(house)
        let firstForty = order.all.prefix(40).map { $0.split(separator: " ")[1] }
        let shares = sent.map { client, _ in Double(firstForty.count { $0 == client }) }
        #expect(order.all.count == 90)
        #expect(jain(shares) >= 0.95, "\(shares)")
    }

    @Test func onePictureDoesNotWaitBehindAThousand() async throws {
        let house = try await TranslationHouse(time: ManualTime(), hasWorker: false)
        try await send(1, of: "A", to: house)
        // As if the first client had sent a thousand.
        try await house.database.execute("UPDATE translation_image SET turn = 999")
        try await house.database.execute("UPDATE job SET priority = -999")
        try await send(20, of: "A", to: house)
        try await send(1, of: "B", to: house)
        #expect(try await turns(of: "A", in: house) == Array(999...1019))
        #expect(try await turns(of: "B", in: house) == [999], "it comes in where the others are, not behind them")
        let next = try await house.database.query(
            """
            SELECT client FROM job JOIN translation_image ON translation_image.job_id = job.id
            ORDER BY priority DESC, run_at, job.id LIMIT 2
            """
        )
        #expect(try next.map { try $0.get("client", as: String.self) }.contains("B"))
    }

    /// Who paused for a while has saved nothing, and who had much done owes nothing.
    @Test func whatIsFinishedCountsNoMore() async throws {
        let house = try await TranslationHouse(time: ManualTime(), hasWorker: false)
        try await send(10, of: "A", to: house)
        try await house.database.execute(
            "UPDATE translation_image SET state = 'completed', completed_at = 1 WHERE turn < 5"
        )
        try await send(2, of: "B", to: house)
        #expect(try await turns(of: "B", in: house) == [5, 6])
        try await house.database.execute("UPDATE translation_image SET state = 'completed', completed_at = 1")
        try await send(1, of: "A", to: house)
        #expect(try await turns(of: "A", in: house).contains(0))
    }

    /// Ten that wait for tomorrow's quota do not bring a newcomer before those who work through theirs.
    @Test(arguments: DatabaseBackend.allCases)
    func whatIsPutOffHoldsNobodysTurn(_ backend: DatabaseBackend) async throws {
        let house = try await TranslationHouse(backend: backend, time: ManualTime(), hasWorker: false)
        try await send(30, of: "A", to: house)
        try await house.database.execute(
            """
            UPDATE job SET state = 'delayed', run_at = run_at + 9999999
            WHERE id IN (SELECT job_id FROM translation_image WHERE turn < 20)
            """
        )
        try await send(2, of: "B", to: house)
        #expect(try await turns(of: "B", in: house) == [20, 21])
        // However many have the same turn as one who does not wait.
        for client in 0..<20 { try await send(1, of: "many \(client)", to: house) }
        try await house.database.execute("UPDATE translation_image SET turn = 3 WHERE turn = 20")
        try await house.database.execute(
            """
            UPDATE job SET state = 'delayed'
            WHERE id IN (SELECT job_id FROM translation_image WHERE turn = 3 AND client <> 'many 7')
            """
        )
        try await send(1, of: "D", to: house)
        #expect(try await turns(of: "D", in: house) == [3])
        try await house.database.execute("UPDATE job SET state = 'delayed'")
        try await send(1, of: "C", to: house)
        #expect(try await turns(of: "C", in: house).count == 1, "where all is put off, somewhere among them")
    }

    private func send(_ count: Int, of client: String, to house: TranslationHouse) async throws {
        let pictures = (0..<count).map { number in
            let bytes = house.picture("hello \(client) \(number)")
            return TaskRequest.Picture(name: "\(number).png", size: bytes.count) { bytes }
        }
        let request = try TaskRequest(pictures, ["target_language": "Spanish"])
        _ = try await house.translation.create(request, owner: "asker", client: client, key: nil)
    }

    private func work(_ house: TranslationHouse) async throws {
        let worker = Task { [jobs = house.jobs] in try await Worker(jobs).run() }
        for row in try await house.database.query("SELECT id FROM translation_task") {
            let id: ID<TranslationTask> = try row.get("id")
            try await house.translation.follower.wait(
                for: id,
                after: { $0.images - 1 },
                until: house.time.now + .seconds(3600),
            ) { _ in }
        }
        worker.cancel()
        _ = await worker.result
    }

    private func turns(of client: String, in house: TranslationHouse) async throws -> [Int] {
        try await house.database.query("SELECT turn FROM translation_image WHERE client = \(client) ORDER BY turn")
            .map { try $0.get("turn") }
    }

    /// Jain's index: 1 when all shares are equal, 1/n when one takes everything.
    private func jain(_ shares: [Double]) -> Double {
        let sum = shares.reduce(0, +)
        return sum * sum / (Double(shares.count) * shares.reduce(0) { $0 + $1 * $1 })
    }
}
