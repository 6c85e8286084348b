import Database
import HTTPServer
import Kernel
import TestSupport
import Testing

@testable import Memes

/// Pulls from a bucket, with the real service and its workers.
@Suite(.timeLimit(.minutes(5))) struct PullTests {
    /// Videos: only their names are looked at.
    private func videos(_ count: Int) -> [FakeBucket.Object] {
        (0..<count).map { FakeBucket.Object(key: "in/\($0).mp4") }
    }

    private func pictures(_ house: MemeHouse, _ words: [String]) -> [FakeBucket.Object] {
        words.map { FakeBucket.Object(key: "in/\($0).png", bytes: house.picture($0)) }
    }

    @Test func everyKeyOfALongListingIsListedOnceWhateverHappensToPages() async throws {
        let bucket = try FakeBucket(videos(25_431))
        let house = try await bucket.house()
        bucket.fail(listing: [.brokenPage, .status(503, code: "SlowDown")])
        let begun = try await house.send(.post, "/pull", ["source": "s3://memes/in"])
        #expect(begun.json["estimate_exact"] == false && begun.json["estimated_images"] == 0)
        bucket.fail(listing: [.brokenPage, .status(500, code: "InternalError")])
        let end = try await house.end(of: begun)
        #expect(end["listed"] == 25_431 && end["counts"]?["skipped"] == 25_431)
        #expect(end["skipped"] == ["not_image": 25_431])
        let rows = try await house.database.query("SELECT COUNT(DISTINCT key) AS n FROM pull_item")
        #expect(try rows.first?.get("n", as: Int.self) == 25_431)
        #expect(bucket.listings.all.allSatisfy { !$0.contains("continuation-token") }, "tokens end")
    }

    @Test func whatIsThereIsTakenOnceAndTheRestIsTold() async throws {
        let bucket = try FakeBucket([])
        let house = try await bucket.house()
        var objects = pictures(house, ["sad cat", "happy dog"])
        objects.append(FakeBucket.Object(key: "in/again.png", bytes: house.picture("sad cat")))
        objects.append(FakeBucket.Object(key: "in/gone.png"))
        objects.append(FakeBucket.Object(key: "in/page.png", bytes: Array("<html>".utf8)))
        objects.append(FakeBucket.Object(key: "in/video.mp4"))
        objects.append(FakeBucket.Object(key: "out/other.png"))
        bucket.replace(objects)

        let begun = try await house.send(.post, "/pull", ["source": "s3://memes/in", "library": "animals"])
        #expect(begun.json["code"] == 200 && begun.json["msg"] == "Pull initiated")
        #expect(begun.json["estimated_images"] == 5 && begun.json["estimate_exact"] == true)
        let end = try await house.end(of: begun)
        #expect(end["counts"]?["done"] == 2 && end["counts"]?["duplicate"] == 1 && end["counts"]?["failed"] == 1)
        #expect(end["skipped"] == ["not_image": 2] && end["listed"] == 6)
        #expect(end["errors"]?.array?.first?["reason"] == "source_object_gone")
        #expect(end["by_stage"]?["read"] == ["done": 2])
        try await house.memes.readIndex()
        #expect(try await house.found("happy dog").count >= 1)
        #expect(!bucket.fetches.all.contains("in/video.mp4"))

        let items = try await house.get("/pull/\(end["job_id"]?.string ?? "")/items?state=failed").json
        #expect(items["data"]?.array?.map { $0["key"] } == ["in/gone.png"])
        let second = try await house.end(of: house.send(.post, "/pull", ["source": "s3://memes/in"]))
        #expect(second["skipped"]?["unchanged"] == 3)
        #expect(bucket.fetches.all.count { $0 == "in/sad cat.png" } == 1)
    }

    @Test func failedObjectsAreFetchedAgainWhenSomebodyAsks() async throws {
        let bucket = try FakeBucket([FakeBucket.Object(key: "in/a.png")])
        let house = try await bucket.house()
        let first = try await house.end(of: house.send(.post, "/pull", ["source": "s3://memes/in"]))
        #expect(first["counts"]?["failed"] == 1)
        bucket.replace([FakeBucket.Object(key: "in/a.png", bytes: house.picture("late"))])
        let job = first["job_id"]?.string ?? ""
        #expect(try await house.send(.post, "/pull/\(job)/retry", ["class": "transient"]).json["retried"] == 0)
        let again = try await house.send(.post, "/pull/\(job)/retry", ["class": "permanent"])
        #expect(again.json["retried"] == 1)
        let second = try await house.end(of: again)
        #expect(second["counts"]?["failed"] == 0 && second["counts"]?["done"] == 1 && second["errors"] == [])
    }

    @Test func aCancelledPullStopsThoughTheSourceHangs() async throws {
        let bucket = try FakeBucket([])
        let house = try await bucket.house()
        bucket.replace(pictures(house, ["one", "two", "three"]))
        let gate = Gate()
        bucket.fail(fetching: [.hang(gate), .hang(gate), .hang(gate)])
        let begun = try await house.send(.post, "/pull", ["source": "s3://memes/in"])
        let job = try #require(begun.json["job_id"]?.string)
        while bucket.fetches.all.count < 3 { await Task.yield() }
        let cancelled = try await house.send(.post, "/pull/\(job)/cancel")
        #expect(cancelled.json["state"] == "cancelled" && cancelled.json["counts"]?["cancelled"] == 3)
        // The job lets go of the source although that never answers.
        try await house.untilNoJobs()
        gate.open()
        #expect(try await house.get("/pull/\(job)").json["counts"]?["done"] == 0)
        #expect(try await house.send(.post, "/pull/\(job)/resume").status == 409)
    }

    @Test func aPausedPullGoesOnWhereItWas() async throws {
        let bucket = try FakeBucket([])
        let house = try await bucket.house()
        bucket.replace(pictures(house, ["one", "two", "three"]))
        let gate = Gate()
        bucket.fail(fetching: [.hang(gate), .hang(gate), .hang(gate)])
        let begun = try await house.send(.post, "/pull", ["source": "s3://memes/in"])
        let job = try #require(begun.json["job_id"]?.string)
        while bucket.fetches.all.count < 3 { await Task.yield() }
        #expect(try await house.send(.post, "/pull/\(job)/pause").json["state"] == "paused")
        try await house.untilNoJobs()
        gate.open()
        let end = try await house.end(of: house.send(.post, "/pull/\(job)/resume"))
        #expect(end["counts"]?["done"] == 3)
    }

    @Test func eventsEndWithThePull() async throws {
        let bucket = try FakeBucket(videos(3))
        let house = try await bucket.house()
        let end = try await house.end(of: house.send(.post, "/pull", ["source": "s3://memes/in"]))
        let job = end["job_id"]?.string ?? ""
        let events = try await house.get("/pull/\(job)/events").text
        #expect(events.hasPrefix("event: end\nid: ") && events.contains("\"listed\":3"))
        let mark = events.split(separator: "\n")[1].dropFirst(4)
        let again = try await house.get("/pull/\(job)/events", headers: ["Last-Event-ID": String(mark)]).text
        #expect(again.hasPrefix("event: end\n"), "who comes back is told of the end")
    }
}

extension MemeHouse {
    /// What is known of a pull when nothing more will happen to it.
    func end(of begun: Answer) async throws -> JSON {
        let job = try #require(begun.json["job_id"]?.string, "\(begun.text)")
        while true {
            let events = try await get("/pull/\(job)/events").text
            if events.contains("event: end\n") { return try await get("/pull/\(job)").json }
        }
    }

    /// Waits until no job of a pull is under way or waits.
    func untilNoJobs() async throws {
        while true {
            let rows = try await database.query(
                "SELECT id FROM job WHERE kind LIKE 'memes.pull%' AND state IN ('ready', 'delayed', 'running')"
            )
            if rows.isEmpty { return }
        }
    }
}
