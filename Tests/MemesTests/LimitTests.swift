import Accounts
import HTTPServer
import Kernel
import SharedState
import Telemetry
import TestSupport
import Testing

@testable import Memes

/// How often somebody may search, and what is remembered.
@Suite(.timeLimit(.minutes(5))) struct LimitTests {
    @Test func oneSearchTooManyIsRefusedUntilTheWindowHasMoved() async throws {
        let time = ManualTime()
        let house = try await MemeHouse(time: time) { $0.rateLimit = 3 }
        for left in [2, 1, 0] {
            let answer = try await house.get("/query?content=a")
            #expect(answer.status == 200)
            #expect(answer.headers["RateLimit-Remaining"] == "\(left)")
            #expect(answer.headers["X-RateLimit-Limit"] == "3")
        }
        let refused = try await house.send(.post, "/search", ["query": "a"])
        #expect(refused.status == 429)
        #expect(refused.json["code"] == 429)
        #expect(Int(refused.headers["Retry-After"] ?? "").map { (1...61).contains($0) } == true)
        #expect(try await house.get("/meme").status == 200, "only searches count")
        let other = try #require(PeerAddress("192.0.2.7"))
        #expect(try await house.send(.get, "/query?content=a", peer: other).status == 200)
        time.advance(by: .seconds(62))
        #expect(try await house.get("/query?content=a").status == 200)
    }

    @Test func aHouseholdOfIPv6CountsAsOne() async throws {
        let house = try await MemeHouse(time: ManualTime()) { $0.rateLimit = 1 }
        let (one, other) = (PeerAddress("2001:db8:1:2::7"), PeerAddress("2001:db8:1:2:9::1"))
        #expect(try await house.send(.get, "/query?content=a", peer: try #require(one)).status == 200)
        #expect(try await house.send(.get, "/query?content=a", peer: try #require(other)).status == 429)
    }

    @Test func answersAreRememberedUntilAMemeChanges() async throws {
        let house = try await MemeHouse()
        let first = try await house.add("nice weather")
        for _ in 0..<9 { _ = try await house.get("/query?content=weather") }
        let ratio = house.metrics.gauge(
            "cache_hit_ratio",
            "The share of searches answered from a cache since the start, by level: memory, shared, or all.",
            labels: ["level"],
        )
        #expect(abs(ratio.value("all") - 8.0 / 9) < 1e-9)
        let second = try await house.add("bad weather")
        let data = try await house.get("/query?content=weather&format=id").json["data"]?.array?.compactMap(\.string)
        #expect(Set(data ?? []) == [first.description, second.description], "a new meme is there at once")
        let text = String(decoding: house.metrics.render(), as: UTF8.self)
        #expect(text.contains("meme_queries_total{outcome=\"ok\"} 10"))
        #expect(text.contains("vector_search_duration_seconds"))
    }

    @Test func anotherProcessFindsWhatThisOneKept() async throws {
        let state = MemorySharedState(time: SystemTime())
        let house = try await MemeHouse(state: state)
        let id = try await house.add("shared knowledge")
        #expect(try await house.found("knowledge") == [id.description])
        let metrics = MemesMetrics(house.metrics)
        let cache = FindingsCache(
            state: state,
            time: SystemTime(),
            lifetime: .seconds(300),
            metrics: metrics,
            models: house.memes.parts.modelNames,
        )
        let query = MemeQuery("knowledge", count: 5, cutsOff: false)
        let found = try await cache.findings(query, generation: house.memes.index.generation) {
            Issue.record("searched again")
            return MemeFindings(hits: [], intent: "exact", degraded: [])
        }
        #expect(found.hits.map(\.id) == [id.description])
        #expect(try await house.memes.search(query) == found)
    }

    @Test func equalSearchesAtTheSameTimeAreOne() async throws {
        let house = try await MemeHouse()
        let metrics = MemesMetrics(house.metrics)
        let cache = FindingsCache(
            state: MemorySharedState(time: SystemTime()),
            time: SystemTime(),
            lifetime: .seconds(300),
            metrics: metrics,
            models: "",
        )
        let (searches, gate) = (Tally(), OneShot<Void>())
        let query = MemeQuery("x", count: 1, cutsOff: false)
        let asking = (0..<5).map { _ in
            Task {
                try await cache.findings(query, generation: 1) {
                    searches.add()
                    await gate.wait()
                    return MemeFindings(hits: [], intent: "exact", degraded: [])
                }
            }
        }
        await searches.until(1)
        gate.fulfil(())
        for task in asking { _ = try await task.value }
        #expect(searches.count == 1)
    }
}
