import FoundationEssentials
import HTTPClient
import Kernel
import ObjectStore
import Telemetry
import TestSupport
import Testing

/// What is true of S3 only, when nothing fails.
@Suite(.timeLimit(.minutes(5))) struct S3StoreTests {
    private let folder: TemporaryFolder
    private let client = HTTPClient()

    init() throws { folder = try TemporaryFolder() }

    private func bucket() async throws -> S3Bucket { try await S3Server.shared.value.bucket() }

    /// The part sizes around the limit: one request up to 8 MiB, parts above.
    @Test(arguments: [(8 << 20) - 1, 8 << 20, (8 << 20) + 1, 20 << 20])
    func aLargeFileGoesInParts(_ size: Int) async throws {
        let bucket = try await bucket()
        let store = try S3ObjectStore(bucket)
        let path = folder.path + "/large"
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            for index in 0..<size { buffer[index] = UInt8(truncatingIfNeeded: index &* 31 &+ index >> 8) }
            count = size
        }
        try Data(bytes).write(to: URL(filePath: path))
        try await store.putFile(path, at: key("large.bin"))
        #expect(try await store.info(key("large.bin")).size == size)
        #expect(Digest.sha256(try await store.get(key("large.bin"))) == Digest.sha256(bytes))
        let puts = try await bucket.requests().filter { $0["method"]?.string == "PUT" }
        #expect(puts.count == (size + (8 << 20) - 1) / (8 << 20))
        #expect(puts.allSatisfy { $0["target"]?.string?.contains("partNumber") == (size > 8 << 20) })
    }

    @Test func aReadURLNeedsNoCredentialsAndNoByteOfItMayChange() async throws {
        let store = try S3ObjectStore(try await bucket())
        try await store.put(Array("picture".utf8), at: key("a=b/c.webp"))
        let url = try #require(try await store.presign(key("a=b/c.webp"), expires: .seconds(60)))
        let answer = try await client.send(HTTPRequest(.get, url))
        #expect(answer.status == 200)
        #expect(answer.text == "picture")
        #expect(answer.headers["Content-Type"] == "image/webp")
        let last = url.last == "0" ? "1" : "0"
        #expect(try await client.send(HTTPRequest(.get, url.dropLast() + last)).status == 403)
        #expect(try await client.send(HTTPRequest(.get, url.replacing("c.webp", with: "d.webp"))).status == 403)
        #expect(
            try await client.send(HTTPRequest(.get, url.replacing("Expires=60", with: "Expires=61"))).status == 403
        )
        #expect(try await client.send(HTTPRequest(.put, url, body: .bytes([1]))).status == 403)
        #expect(try await client.send(HTTPRequest(.get, String(url.split(separator: "?")[0]))).status == 403)
    }

    @Test func aReadURLEnds() async throws {
        let bucket = try await bucket()
        try await S3ObjectStore(bucket).put([1], at: key("a"))
        let earlier = ManualTime(.now() - .seconds(61))
        let store = try S3ObjectStore(bucket, time: earlier)
        let ended = try #require(try await store.presign(key("a"), expires: .seconds(60)))
        let answer = try await client.send(HTTPRequest(.get, ended))
        #expect(answer.status == 403)
        #expect(answer.text.contains("Request has expired"))
        let valid = try #require(try await store.presign(key("a"), expires: .seconds(120)))
        #expect(try await client.send(HTTPRequest(.get, valid)).body == [1])
    }

    @Test func theSameURLIsGivenOutForAWhileSoThatCachesWork() async throws {
        let time = ManualTime()  // at a full hour
        let store = try S3ObjectStore(try await bucket(), time: time)
        let first = try await store.presign(key("a"), expires: .seconds(3600))
        time.advance(by: .seconds(899))
        #expect(try await store.presign(key("a"), expires: .seconds(3600)) == first)
        time.advance(by: .seconds(1))
        #expect(try await store.presign(key("a"), expires: .seconds(3600)) != first)
    }

    @Test func noURLLastsLongerThanAWeekOrIsOverBeforeItBegins() async throws {
        let time = ManualTime(Timestamp(milliseconds: 0) + .seconds(86_400 * 149))  // a day before 20 times 7.5 days
        let store = try S3ObjectStore(try await bucket(), time: time)
        let month = try await store.presign(key("a"), expires: .seconds(86_400 * 30))
        #expect(try await store.presign(key("a"), expires: .seconds(86_400 * 7)) == month)
    }

    @Test func aWriteURLTakesOneBody() async throws {
        let store = try S3ObjectStore(try await bucket())
        let url = try await store.presignPut(key("up"), expires: .seconds(60))
        #expect(try await client.send(HTTPRequest(.put, url, body: .bytes([4, 5]))).isSuccess)
        #expect(try await client.send(HTTPRequest(.get, url)).status == 403)
        #expect(try await store.get(key("up")) == [4, 5])
    }

    @Test func browsersGetTheAddressThatIsForThem() async throws {
        let store = try S3ObjectStore(try await bucket()) { $0.publicEndpoint = "https://pictures.example.com" }
        #expect(
            try await store.presign(key("a"), expires: .seconds(1))?.hasPrefix("https://pictures.example.com/") == true
        )
    }

    @Test(arguments: [S3Settings.Encryption.bucketDefault, .aes256, .kms(key: nil), .kms(key: "key-1")])
    func encryptionIsAskedFor(_ encryption: S3Settings.Encryption) async throws {
        let bucket = try await bucket()
        let store = try S3ObjectStore(bucket) {
            $0.encryption = encryption
            $0.partBytes = 5 << 20
        }
        try await store.put([1], at: key("small"))
        try Data(count: (5 << 20) + 1).write(to: URL(filePath: folder.path + "/file"))
        try await store.putFile(folder.path + "/file", at: key("large"))
        let makers = try await bucket.requests().compactMap { request in
            let isPart = request["target"]?.string?.contains("uploadId") ?? false
            return isPart || request["method"]?.string == "GET" ? nil : request["headers"]
        }
        #expect(makers.count == 2)
        for headers in makers {
            let (kind, id) = (
                headers["x-amz-server-side-encryption"]?.string,
                headers["x-amz-server-side-encryption-aws-kms-key-id"]?.string,
            )
            switch encryption {
            case .bucketDefault: #expect(kind == nil && id == nil)
            case .aes256: #expect(kind == "AES256" && id == nil)
            case .kms(let key): #expect(kind == "aws:kms" && id == key)
            }
        }
    }

    @Test(arguments: ["", "one", "one/two=2"])
    func theBucketMayStandInTheHost(_ prefix: String) async throws {
        let bucket = try await bucket()
        let store = try S3ObjectStore(bucket) {
            $0.endpoint = bucket.hostEndpoint
            $0.usesPathStyle = false
            $0.prefix = prefix
        }
        try await store.put([7], at: key("a/b"))
        #expect(try await store.list(prefix: "a").objects.map(\.key.text) == ["a/b"])
        let url = try #require(try await store.presign(key("a/b"), expires: .seconds(60)))
        #expect(url.hasPrefix("http://\(bucket.name).localhost:"))
        #expect(try await client.send(HTTPRequest(.get, url)).body == [7])
        let other = try S3ObjectStore(bucket) { $0.prefix = prefix }
        #expect(try await other.get(key("a/b")) == [7])
    }

    @Test func temporaryCredentialsBringTheirToken() async throws {
        let bucket = try await bucket()
        let store = try S3ObjectStore(bucket) { $0.credentials = S3Server.temporaryCredentials }
        try await store.put([1], at: key("a"))
        let url = try #require(try await store.presign(key("a"), expires: .seconds(60)))
        #expect(try await client.send(HTTPRequest(.get, url)).body == [1])
    }

    @Test func theFolderInTheBucketIsTheStoresOwn() async throws {
        let bucket = try await bucket()
        let one = try S3ObjectStore(bucket) { $0.prefix = "one" }
        let other = try S3ObjectStore(bucket) { $0.prefix = "one-more" }
        try await one.put([1], at: key("a"))
        try await other.put([2], at: key("b"))
        #expect(try await one.list(prefix: "").objects.map(\.key.text) == ["a"])
        #expect(try await other.deleteAll(prefix: "") == 1)
        #expect(try await one.get(key("a")) == [1])
        #expect(
            try await S3ObjectStore(bucket) { $0.prefix = "" }.list(prefix: "").objects.map(\.key.text) == ["one/a"]
        )
    }

    @Test func theProbesOfHealthAreOneObjectThatNoListingShows() async throws {
        let bucket = try await bucket()
        let store = try S3ObjectStore(bucket)
        for _ in 1...2 { try await store.check() }
        let requests = try await bucket.requests()
        #expect(requests.compactMap { $0["method"]?.string } == ["PUT", "GET", "PUT", "GET"])
        #expect(Set(requests.compactMap { $0["target"]?.string }).count == 1)
        #expect(try await store.list(prefix: "").objects.isEmpty)
    }

    @Test func operationsAreCountedByResult() async throws {
        let metrics = Metrics()
        let store = try S3ObjectStore(try await bucket(), metrics: metrics)
        try await store.put([1], at: key("a"))
        _ = try? await store.get(key("b"))
        let operations = metrics.counter("storage_operations_total", "", labels: ["operation", "status"])
        #expect(operations.value("put", "ok") == 1)
        #expect(operations.value("get", "object_not_found") == 1)
    }

    @Test(arguments: [
        ("ftp://x", "bucket", ""), ("https://", "bucket", ""), ("https://host/path", "bucket", ""),
        ("https://Host", "bucket", ""), ("https://host", "Bucket", ""), ("https://host", "b/c", ""),
        ("https://host", "bucket", "/a"), ("https://host", "bucket", "a/"), ("https://host", "bucket", "../a"),
    ])
    func settingsThatCannotBeRightAreRefused(_ endpoint: String, _ bucket: String, _ prefix: String) {
        var settings = S3Settings(
            endpoint: endpoint,
            bucket: bucket,
            region: "auto",
            credentials: S3Server.credentials,
        )
        settings.prefix = prefix
        #expect(settings.problem != nil)
        #expect(throws: StorageError.self) { try S3ObjectStore(settings: settings, client: client) }
    }
}
