import Glibc
import Kernel
import TestSupport
import Testing

/// What `/health/ready` and `/health` say while a part is away, and when it is back.
@Suite(.timeLimit(.minutes(5)))
struct ReadinessTests {
    @Test func storageThatIsAwayMakesTheProcessUnready() async throws {
        let (settings, bucket) = try await distributed()
        let server = try await RunningServer(environment: settings)
        let client = Client(server)
        #expect(try await client.get("/health/ready").status == 200)
        try await bucket.fail(["kind": "status", "status": 503, "count": -1])
        let unready = try await client.answer(to: "/health/ready", with: 503)
        #expect(unready.json["checks"]?["storage"] == "failing" && unready.json["checks"]?["database"] == "ok")
        #expect(try await client.get("/health/live").status == 200)
        try await bucket.heal()
        _ = try await client.answer(to: "/health/ready", with: 200)
    }

    @Test func aDatabaseThatIsAwayMakesTheProcessUnreadyAndItComesBackByItself() async throws {
        let postgresql = try await PostgreSQLServer.start()
        let database = try await postgresql.createDatabase()
        let server = try await RunningServer(environment: ["DATABASE_URL": postgresql.url(database).reveal()])
        let client = Client(server)
        #expect(try await client.process(fixture("photo.jpg"))["status"] == "completed")
        try await postgresql.stop()
        let unready = try await client.answer(to: "/health/ready", with: 503)
        #expect(unready.json["checks"]?["database"] == "failing")
        let refused = try await client.upload(fixture("photo.jpg"))
        #expect(refused.status == 503 && refused[header: "retry-after"] != nil, "\(refused.text)")
        try await postgresql.start()
        _ = try await client.answer(to: "/health/ready", with: 200)
        #expect(try await client.process(fixture("photo.jpg"))["status"] == "completed")
    }

    @Test func aDatabaseThatSaysNothingMakesTheProcessUnreadyAndItComesBackByItself() async throws {
        let postgresql = try await PostgreSQLServer.start()
        let database = try await postgresql.createDatabase()
        let server = try await RunningServer(environment: ["DATABASE_URL": postgresql.url(database).reveal()])
        let client = Client(server)
        #expect(try await client.process(fixture("photo.jpg"))["status"] == "completed")
        try await postgresql.freeze()
        let unready = try await client.answer(to: "/health/ready", with: 503)
        #expect(unready.json["checks"]?["database"] == "failing")
        #expect(try await client.get("/health/live").status == 200)
        try postgresql.thaw()
        _ = try await client.answer(to: "/health/ready", with: 200)
        #expect(try await client.process(fixture("photo.jpg"))["status"] == "completed")
    }

    @Test func storageThatSaysNothingMakesTheProcessUnready() async throws {
        let (settings, bucket) = try await distributed()
        let server = try await RunningServer(environment: settings)
        let client = Client(server)
        #expect(try await client.get("/health/ready").status == 200)
        try await bucket.fail(["kind": "slow", "seconds": 3600, "count": -1])
        let unready = try await client.answer(to: "/health/ready", with: 503)
        #expect(unready.json["checks"]?["storage"] == "failing" && unready.json["checks"]?["database"] == "ok")
        try await bucket.heal()
        _ = try await client.answer(to: "/health/ready", with: 200)
    }

    @Test func redisThatSaysNothingIsSaidAndNothingStops() async throws {
        let redis = try await RedisServer.start()
        let server = try await RunningServer(environment: ["REDIS_URL": redis.url])
        let client = Client(server)
        #expect(try await client.get("/health").json["checks"]?["redis"] == "ok")
        redis.signal(SIGSTOP)
        while try await client.get("/health").json["checks"]?["redis"] != "failing" {}
        #expect(try await client.get("/health/ready").status == 200)
        #expect(try await client.process(fixture("photo.jpg"))["status"] == "completed")
        redis.signal(SIGCONT)
        while try await client.get("/health").json["checks"]?["redis"] != "ok" {}
    }

    @Test func redisThatIsAwayIsSaidAndNothingStops() async throws {
        let redis = try await RedisServer.start()
        let server = try await RunningServer(environment: ["REDIS_URL": redis.url])
        let client = Client(server)
        #expect(try await client.get("/health").json["checks"]?["redis"] == "ok")
        await redis.kill()
        let health = try await client.get("/health").json
        #expect(health["status"] == "degraded" && health["checks"]?["redis"] == "failing")
        #expect(try await client.get("/health/ready").status == 200)
        #expect(try await client.process(fixture("photo.jpg"))["status"] == "completed")
        try await redis.restart()
        while try await client.get("/health").json["checks"]?["redis"] != "ok" {}
    }
}

extension Client {
    /// Asks until the answer has that status, or the suite's time is over.
    fileprivate func answer(to path: String, with status: Int) async throws -> Answer {
        while true {
            let answer = try await get(path)
            if answer.status == status { return answer }
        }
    }
}
