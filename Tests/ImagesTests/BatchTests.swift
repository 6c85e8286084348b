import Accounts
import Database
import HTTPServer
import Kernel
import Synchronization
import TestSupport
import Testing

@testable import Images

/// `GET` and `POST /batch`.
@Suite(.timeLimit(.minutes(5))) struct BatchTests {
    private static let absent = "00000000-0000-7000-8000-000000000000"

    @Test func keepsTheOrderAndNamesWhatIsMissing() async throws {
        let house = try await House()
        let first = try await house.process(PNG.plain().bytes).id("image_id")
        let second = try await house.process(PNG.scene(2).bytes).id("image_id")
        let list = [second, Self.absent, first, "nonsense"]
        let answer = try await house.get(
            "/api/v1/images/batch?image_ids=\(list.joined(separator: ","))&size=thumbnail",
            by: nil,
        )
        #expect(answer.status == 200)
        #expect(answer.fields == ["images", "requested", "found", "missing"])
        let images = try #require(answer.json["images"]?.array)
        #expect(images.map { $0["image_id"]?.string } == [second, first])
        #expect(images.first?.fields == ["image_id", "url", "size", "dominant_color"])
        #expect(images.first?["size"] == "thumbnail")
        #expect(answer.json["missing"] == [.string(Self.absent), "nonsense"])
        #expect(answer.json["requested"] == 4 && answer.json["found"] == 2)

        let posted = try await house.send(
            .post,
            "/api/v1/images/batch?size=thumbnail",
            by: nil,
            body: (["image_ids": JSON(list)] as JSON).bytes,
        )
        #expect(posted.json == answer.json)
        let spaced = try await house.get("/api/v1/images/batch?image_ids=\(first),%20\(second)", by: nil)
        #expect(spaced.json["found"] == 2)
    }

    @Test func whatTheReaderMayNotSeeIsMissing() async throws {
        let house = try await House()
        let id = try await house.process(PNG.plain().bytes, bucket: "org-acme/users/alice/").id("image_id")
        for (reader, found) in [(nil, 0), (Principal.bob, 0), (.alice, 1), (.root, 1)] {
            let answer = try await house.get("/api/v1/images/batch?image_ids=\(id)", by: reader)
            #expect(answer.json["found"]?.integer == Int64(found))
            #expect(answer.json["missing"]?.array?.count == 1 - found)
        }
    }

    @Test("50 are answered, 51 refused, none is an error", arguments: [(50, 200), (51, 400), (0, 422)])
    func limit(count: Int, status: Int) async throws {
        let house = try await House(hasWorker: false)
        let list = Array(repeating: Self.absent, count: count)
        let answer = try await house.get("/api/v1/images/batch?image_ids=\(list.joined(separator: ","))", by: nil)
        #expect(answer.status == status)
        if status == 400 {
            #expect(answer.json["error"]?.string?.hasPrefix("Maximum 50 images per request") == true)
        }
        let body = (["image_ids": JSON(list)] as JSON).bytes
        #expect(try await house.send(.post, "/api/v1/images/batch", body: body).status == status)
    }

    @Test(
        "a body that is no list of ids is 422",
        arguments: ["", "[]", "{}", #"{"image_ids":"a"}"#, #"{"image_ids":[1]}"#],
    )
    func badBody(text: String) async throws {
        let house = try await House(hasWorker: false)
        let answer = try await house.send(.post, "/api/v1/images/batch", body: Array(text.utf8))
        #expect(answer.status == 422)
        #expect(answer.json["details"]?.array?.first?["loc"] == ["image_ids"])
    }

    @Test func fiftyPicturesCostTwoQueries() async throws {
        let house = try await House()
        var ids: [ID<ImageRecord>] = []
        for _ in 0..<5 {
            ids.append(try #require(ID(try await house.process(PNG.plain(8, 8).bytes).id("image_id"))))
        }
        let counting = CountingDatabase(inner: house.database)
        let found = try await ImageStore(database: counting).completed(ids)
        #expect(found.count == 5 && found.allSatisfy { $0.variants.count == 4 })
        #expect(counting.queries == 2)
    }
}

/// Counts what it passes on.
private final class CountingDatabase: Database {
    private let inner: any Database
    private let count = Mutex(0)

    init(inner: any Database) { self.inner = inner }

    var queries: Int { count.withLock { $0 } }
    var dialect: Dialect { inner.dialect }

    func query(_ sql: SQL) async throws(DatabaseError) -> [Row] {
        count.withLock { $0 += 1 }
        return try await inner.query(sql)
    }

    func lookup(_ sql: SQL) async throws(DatabaseError) -> Row? {
        count.withLock { $0 += 1 }
        return try await inner.lookup(sql)
    }

    func execute(_ sql: SQL) async throws(DatabaseError) -> Int { try await inner.execute(sql) }

    func transaction<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value { try await inner.transaction(body) }

    func explain(_ sql: SQL) async throws(DatabaseError) -> String { try await inner.explain(sql) }

    func announce(_ channel: String, _ payload: String) { inner.announce(channel, payload) }

    func announcements(_ channel: String) -> AsyncStream<Announcement> { inner.announcements(channel) }

    func close() async { await inner.close() }
}
