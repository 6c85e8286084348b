import Kernel
@testable import SharedState
import Telemetry
import TestSupport
import Testing

/// What only several processes, or only Redis, can show.
@Suite(.timeLimit(.minutes(5))) struct RedisSharedStateTests {
    @Test func countersOfTwoClientsAddUpExactly() async throws {
        let server = try await RedisServer.start()
        let clients = [try open(server), try open(server)]
        await withTaskGroup { group in
            for index in 0..<64 {
                group.addTask {
                    for _ in 0..<200 { await clients[index % 2].increment("n", ttl: .seconds(60)) }
                }
            }
        }
        #expect(await clients[0].increment("n", by: 0, ttl: .seconds(60)) == 64 * 200)
    }

    @Test func aHundredCallersOfTwoClientsGetExactlyTheLimit() async throws {
        let server = try await RedisServer.start()
        let clients = [try open(server), try open(server)]
        let allowed = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<100 {
                group.addTask { await clients[index % 2].rateLimit("u", limit: 50, window: .seconds(60)).isAllowed }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(allowed == 50)
    }

    @Test func aLockIsExclusiveBetweenTwoClients() async throws {
        let server = try await RedisServer.start()
        let clients = [try open(server), try open(server)]
        let token = try #require(await clients[0].lock("l", ttl: .seconds(60)))
        #expect(await clients[1].lock("l", ttl: .seconds(60)) == nil)
        #expect(await clients[1].extend(token, ttl: .seconds(60)))
        #expect(await clients[1].unlock(token))
        #expect(try #require(await clients[1].lock("l", ttl: .seconds(60))).fence > token.fence)
    }

    @Test func messagesReachTheOtherClient() async throws {
        let server = try await RedisServer.start()
        let (sender, receiver) = (try open(server), try open(server))
        let stream = await receiver.messages(on: "c\0ä*")
        let message = (0...255).map { UInt8($0) }
        await sender.publish("c\0ä*", message: message)
        var iterator = stream.makeAsyncIterator()
        #expect(await iterator.next() == message)
    }

    /// The wire of one subscription that is left and taken again stays in step.
    @Test func aChannelCanBeLeftAndTakenAgain() async throws {
        let server = try await RedisServer.start()
        let state = try open(server)
        for round in UInt8(0)..<50 {
            let stream = await state.messages(on: "c")
            await state.publish("c", message: [round])
            for await message in stream {
                #expect(message == [round])
                break
            }
        }
        #expect(state.subscriberCount == 0)
    }

    @Test func tenMegabytesComeBackWhole() async throws {
        let server = try await RedisServer.start()
        let state = try open(server)
        let value = (0..<10_000_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
        await state.set("large", value, ttl: .seconds(60))
        #expect(await state.get("large") == value)
    }

    @Test(arguments: ["", "a\r\nb", "a\0b", "ü 🖼", "*", "$5\r\nhello\r\n"])
    func keysMayBeAnyText(_ key: String) async throws {
        let server = try await RedisServer.start()
        let state = try open(server)
        await state.set(key, [1], ttl: .seconds(60))
        #expect(await state.get(key) == [1])
        #expect(await state.increment(key, ttl: .seconds(60)) == 1)
        #expect(await state.delete(key))
        #expect(await state.get(key) == nil)
    }

    @Test(arguments: ["a*", "a?", "a[b]", #"a\"#, "a[^x]", "a[b-d]"])
    func aPrefixIsNoPattern(_ prefix: String) async throws {
        let server = try await RedisServer.start()
        let state = try open(server, settings: RedisSettings(prefix: "p[0]*:"))
        for key in [prefix, prefix + "/1", "ab", "ac/1", "abc", "a"] { await state.set(key, [1], ttl: .seconds(60)) }
        #expect(await state.deletePrefix(prefix) == 2)
        #expect(await state.get("ab") == [1])
        #expect(await state.get("a") == [1])
    }

    @Test func aPrefixOfManyKeysIsDeletedInBatches() async throws {
        let server = try await RedisServer.start()
        let (state, other) = (try open(server), try open(server, settings: RedisSettings(prefix: "other:")))
        await other.set("user/0", [1], ttl: .seconds(60))
        await withTaskGroup { group in
            for index in 0..<5000 { group.addTask { await state.set("user/\(index)", [1], ttl: .seconds(60)) } }
        }
        #expect(await state.deletePrefix("user/") == 5000)
        #expect(await other.get("user/0") == [1])
    }

    @Test func everythingButTheFenceHasAnEnd() async throws {
        let server = try await RedisServer.start()
        let state = try open(server)
        await state.set("k", [1], ttl: .seconds(60))
        _ = await state.setIfAbsent("j", [1], ttl: .seconds(60))
        await state.increment("k", ttl: .seconds(60))
        _ = await state.rateLimit("k", limit: 1, window: .seconds(60))
        _ = await state.lock("k", ttl: .seconds(60))
        let redis = try Admin(server)
        for key in ["v:k", "v:j", "c:k", "l:k", "k:k"] {
            let left = try await redis("PTTL", .text("pictor:" + key)).integer ?? -1
            #expect(left > 0 && left <= 61_000, "\(key)")
        }
        #expect(try await redis("PTTL", "pictor:f") == .integer(-1))
        #expect(try await redis("DBSIZE") == .integer(6))
    }

    @Test func scriptsThatRedisForgotAreSentAgain() async throws {
        let server = try await RedisServer.start()
        let state = try open(server)
        let redis = try Admin(server)
        for _ in 0..<3 {
            try await redis("SCRIPT", "FLUSH")
            let token = try #require(await state.lock("l", ttl: .seconds(60)))
            #expect(await state.unlock(token))
        }
    }

    @Test func userPasswordAndDatabaseAreUsed() async throws {
        let user = ["--user", "pictor", "on", ">pass", "~*", "&*", "+@all"]
        let server = try await RedisServer.start(["--requirepass", "right"] + user)
        for (login, database) in [(":right", 0), ("pictor:pass", 5)] {
            let url = "redis://\(login)@127.0.0.1:\(server.port)/\(database)"
            let state = try RedisSharedState.open(url: Secret(url), metrics: Metrics(), log: .silent)
            try await state.check()
            #expect(await state.increment("n", ttl: .seconds(60)) == 1)
        }
    }

    @Test func aUnixSocketWorksToo() async throws {
        let folder = try TemporaryFolder()
        let server = try await RedisServer.start(["--unixsocket", folder.path + "/redis.sock"])
        let state = try RedisSharedState.open(
            url: Secret("unix://\(folder.path)/redis.sock"),
            metrics: Metrics(),
            log: .silent,
        )
        try await state.check()
        #expect(await state.increment("n", ttl: .seconds(60)) == 1)
        #expect(try await open(server).increment("n", ttl: .seconds(60)) == 2)
    }
}

/// A bare connection, to do what an operator does.
final class Admin: Sendable {
    private let pipeline: RedisPipeline

    init(_ server: RedisServer) throws {
        let address = try RedisAddress(Secret(server.url))
        let events = RedisEvents("commands", address: "", metrics: Metrics(), log: .silent)
        pipeline = RedisPipeline(address, settings: RedisSettings(timeout: .seconds(5)), events: events)
    }

    deinit { pipeline.abandon() }

    @discardableResult
    func callAsFunction(_ parts: RedisCommand.Part...) async throws -> RedisReply {
        try await pipeline.send(RedisCommand(parts))
    }
}
