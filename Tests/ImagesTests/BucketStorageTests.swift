import HTTPClient
import HTTPServer
import Kernel
import ObjectStore
import TestSupport
import Testing

@testable import Images

/// The service with its files in S3.
@Suite(.timeLimit(.minutes(5))) struct BucketStorageTests {
    private let client = HTTPClient()

    private func house() async throws -> House {
        let bucket = try await S3Server.shared.value.bucket()
        let settings = S3Settings(
            endpoint: bucket.endpoint,
            bucket: bucket.name,
            region: S3Server.region,
            credentials: S3Server.credentials,
        )
        let store = try S3ObjectStore(settings: settings, client: client)
        return try await House(wrap: { _ in store })
    }

    @Test func aPictureIsReadFromTheBucketByItsReaderWithoutCredentials() async throws {
        let house = try await house()
        let id = try await house.process(PNG.scene(1, 700, 500).bytes).id("image_id")
        let all = try await house.get("/api/v1/images/\(id)/all", by: nil)
        for name in ["thumbnail", "medium", "large", "original"] {
            let answer = try await house.get(try all.json["urls"]?.id(name) ?? "", by: nil)
            #expect(answer.status == 307)
            let file = try await client.send(HTTPRequest(.get, try #require(answer.headers["Location"])))
            #expect(file.status == 200)
            #expect(file.headers["Content-Type"] == "image/webp")
            #expect(all.json["metadata"]?["variants"]?[name]?["size_bytes"]?.integer == Int64(file.body.count))
        }
    }

    /// A URL signed for GET is refused for HEAD.
    @Test func headIsAnsweredHere() async throws {
        let house = try await house()
        let id = try await house.process(PNG.plain().bytes).id("image_id")
        let url = try await house.get("/api/v1/images/\(id)").json.id("url")
        let answer = try await house.send(.head, url)
        #expect(answer.status == 200)
        #expect(answer.headers["Content-Type"] == "image/webp")
        #expect(answer.headers["ETag"] != nil)
        #expect(answer.body.isEmpty)
    }

    @Test func aDeletedPictureLeavesNothingInTheBucket() async throws {
        let house = try await house()
        let id = try await house.process(PNG.plain().bytes).id("image_id")
        // The picture as it was sent goes a moment after the job is done.
        while try await house.objects.list(prefix: "").objects.count > 4 { await Task.yield() }
        #expect(try await house.delete("/api/v1/images/\(id)").json["files_removed"] == 4)
        #expect(try await house.objects.list(prefix: "").objects.isEmpty)
    }
}
