import FoundationEssentials
import HTTPClient
import Kernel
import ObjectStore
import Telemetry
import TestSupport
import Testing

/// A service that is busy, slow, broken or not ours.
@Suite(.timeLimit(.minutes(5))) struct S3FaultTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func bucket() async throws -> S3Bucket { try await S3Server.shared.value.bucket() }

    private func store(
        _ bucket: S3Bucket,
        metrics: Metrics = Metrics(),
        change: (inout S3Settings) -> Void = { _ in },
    ) throws -> S3ObjectStore {
        try S3ObjectStore(bucket, metrics: metrics) {
            $0.retry = HTTPRetry(attempts: 4, base: .milliseconds(1))
            $0.partBytes = 5 << 20
            change(&$0)
        }
    }

    private func reason(_ work: () async throws -> Void) async -> String? {
        do { try await work() } catch StorageError.unavailable(let reason) { return reason } catch { return "\(error)" }
        return nil
    }

    @Test(
        arguments: [
            ["kind": "status", "status": 503, "count": 2], ["kind": "status", "status": 500, "code": "InternalError"],
            ["kind": "status", "status": 429, "count": 3],
            ["kind": "status", "status": 400, "code": "RequestTimeout", "method": "PUT"],
            ["kind": "reset", "count": 2], ["kind": "lose"],
        ] as [JSON]
    )
    func whatFailsInPassingIsDoneAgain(_ fault: JSON) async throws {
        let bucket = try await bucket()
        let metrics = Metrics()
        let store = try store(bucket, metrics: metrics)
        func underFault<Value>(_ work: () async throws -> Value) async throws -> Value {
            try await bucket.fail(fault)
            let value = try await work()
            try await bucket.heal()
            return value
        }
        try await underFault { try await store.put([1, 2], at: key("a")) }
        #expect(try await underFault { try await store.get(key("a")) } == [1, 2])
        #expect(try await underFault { try await store.get(key("a"), range: 1..<9) } == [2])
        #expect(try await underFault { try await store.info(key("a")).size } == 2)
        #expect(try await underFault { try await store.list(prefix: "").objects.count } == 1)
        try await underFault { try await store.check() }
        #expect(try await underFault { try await store.delete(key("a")) })
        let text = String(decoding: metrics.render(), as: UTF8.self)
        #expect(text.contains("storage_retries_total"))
    }

    @Test func aServiceThatStaysAwayIsAnError() async throws {
        let bucket = try await bucket()
        let store = try store(bucket)
        try await bucket.fail(["kind": "status", "count": -1])
        let problem = await reason { try await store.put([1], at: key("a")) }
        #expect(problem?.contains("503 SlowDown") == true)
        #expect(try await bucket.requests().count == 4)
        #expect(StorageError.unavailable(reason: "").status == 503)
        #expect(StorageError.unavailable(reason: "").retryAfter != nil)
    }

    /// The clock is the test's: the server demands 7 s each time and the deadline is 20 s.
    @Test func waitsAreAsLongAsTheServerDemandsAndEndWithTheDeadline() async throws {
        let bucket = try await bucket()
        let time = ManualTime(.now())
        let store = try S3ObjectStore(bucket, time: time) {
            $0.deadline = .seconds(20)
            $0.retry = HTTPRetry(attempts: 100, base: .milliseconds(1))
        }
        try await bucket.fail(["kind": "status", "count": -1, "retry_after": 7])
        let put = Task { await reason { try await store.put([1], at: key("a")) } }
        for _ in 0..<2 {
            await time.untilSleepers(1)
            time.advance(by: .milliseconds(6_999))
            #expect(!put.isCancelled)
            time.advance(by: .milliseconds(1))
        }
        #expect(await put.value?.contains("SlowDown") == true)
        #expect(try await bucket.requests().count == 3)
    }

    /// The clock is the test's, and the server demands 3 s each time.
    @Test func aProbeOfHealthHasNoPatience() async throws {
        let bucket = try await bucket()
        let time = ManualTime(.now())
        let store = try S3ObjectStore(bucket, time: time)
        try await bucket.fail(["kind": "status", "count": -1, "retry_after": 3])
        let check = Task { await reason { try await store.check() } }
        await time.untilSleepers(1)
        time.advance(by: .seconds(3))
        #expect(await check.value?.contains("SlowDown") == true)
        #expect(try await bucket.requests().count == 2)
    }

    @Test func aServerThatSaysNothingIsAskedAgain() async throws {
        let bucket = try await bucket()
        let store = try store(bucket) { $0.idleTimeout = .seconds(1) }
        try await bucket.fail(["kind": "slow", "seconds": 8])
        try await store.put([1], at: key("a"))
        #expect(try await bucket.requests().count == 2)
    }

    @Test func aCutAnswerIsNeverTakenForTheObject() async throws {
        let bucket = try await bucket()
        let store = try store(bucket)
        let bytes = pattern(300_000)
        try await store.put(bytes, at: key("a"))
        try await bucket.fail(["kind": "truncate", "count": 2, "method": "GET"])
        #expect(try await store.get(key("a")) == bytes)
        try await bucket.fail(["kind": "truncate", "count": -1, "method": "GET"])
        let problem = await reason { _ = try await store.get(key("a")) }
        #expect(problem?.contains("no answer from S3") == true)
        #expect(await reason { _ = try await store.get(key("a"), range: 0..<200_000) } != nil)
    }

    @Test func partsThatFailAreSentAgain() async throws {
        let bucket = try await bucket()
        let store = try store(bucket)
        let path = folder.path + "/large"
        try Data(repeating: 3, count: 16 << 20).write(to: URL(filePath: path))
        try await bucket.fail(["kind": "status", "count": 2, "query": "partNumber"])
        try await bucket.fail(["kind": "reset", "count": 1, "query": "partNumber=3"])
        try await bucket.fail(["kind": "status", "count": 1, "query": "uploads"])
        try await store.putFile(path, at: key("large"))
        #expect(try await store.get(key("large")) == [UInt8](repeating: 3, count: 16 << 20))
    }

    @Test func theLostAnswerToTheLastStepIsNoFailure() async throws {
        let bucket = try await bucket()
        let store = try store(bucket)
        let path = folder.path + "/large"
        try Data(repeating: 4, count: 6 << 20).write(to: URL(filePath: path))
        try await bucket.fail(["kind": "lose", "method": "POST", "query": "uploadId"])
        // moto completes an upload twice; others have forgotten it.
        try await bucket.fail([
            "kind": "status", "status": 404, "code": "NoSuchUpload", "method": "POST", "query": "uploadId",
        ])
        try await store.putFile(path, at: key("large"), moving: true)
        let methods = try await bucket.requests().compactMap { $0["method"]?.string }
        #expect(methods == ["POST", "PUT", "PUT", "POST", "POST", "HEAD"])
        #expect(try await store.info(key("large")).size == 6 << 20)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    /// S3 says 200 before it knows, and an error in the document after.
    @Test func aSuccessThatTellsAnErrorIsNone() async throws {
        let bucket = try await bucket()
        let store = try store(bucket)
        let path = folder.path + "/large"
        try Data(repeating: 4, count: 6 << 20).write(to: URL(filePath: path))
        func fail(_ count: Int) async throws {
            try await bucket.fail([
                "kind": "status", "status": 200, "code": "InternalError", "method": "POST", "query": "uploadId",
                "count": JSON(count),
            ])
        }
        try await fail(1)
        try await store.putFile(path, at: key("large"))
        #expect(try await store.info(key("large")).size == 6 << 20)
        try await fail(-1)
        #expect(await reason { try await store.putFile(path, at: key("other")) }?.contains("InternalError") == true)
        await #expect(throws: StorageError.notFound) { try await store.info(key("other")) }
    }

    @Test func anUploadThatIsForgottenIsAFailureThatPasses() async throws {
        let bucket = try await bucket()
        let store = try store(bucket)
        let path = folder.path + "/large"
        try Data(repeating: 4, count: 6 << 20).write(to: URL(filePath: path))
        try await store.put([1], at: key("large"))  // another's
        try await bucket.fail([
            "kind": "status", "status": 404, "code": "NoSuchUpload", "method": "POST", "query": "uploadId",
        ])
        #expect(await reason { try await store.putFile(path, at: key("large")) }?.contains("NoSuchUpload") == true)
        #expect(try await store.get(key("large")) == [1])
    }

    @Test(arguments: ["partNumber=2", "uploadId"])
    func anUploadThatFailsIsRemovedAndTheFileStays(_ query: String) async throws {
        let bucket = try await bucket()
        let store = try store(bucket)
        let path = folder.path + "/large"
        try Data(repeating: 5, count: 11 << 20).write(to: URL(filePath: path))
        let method: JSON = query == "uploadId" ? "POST" : "PUT"
        try await bucket.fail(["kind": "status", "count": -1, "method": method, "query": JSON(query)])
        #expect(await reason { try await store.putFile(path, at: key("large"), moving: true) } != nil)
        #expect(FileManager.default.fileExists(atPath: path))
        await #expect(throws: StorageError.notFound) { try await store.info(key("large")) }
        #expect(try await bucket.requests().contains { $0["method"]?.string == "DELETE" })
    }

    @Test func aCancelledUploadIsRemoved() async throws {
        let bucket = try await bucket()
        let store = try store(bucket)
        let path = folder.path + "/large"
        try Data(repeating: 6, count: 11 << 20).write(to: URL(filePath: path))
        try await bucket.fail(["kind": "slow", "seconds": 5, "count": -1, "query": "partNumber"])
        let put = Task { try await store.putFile(path, at: key("large")) }
        while try await !bucket.requests().contains(where: { $0["target"]?.string?.contains("partNumber") == true }) {
            await Task.yield()
        }
        put.cancel()
        await #expect(throws: StorageError.cancelled) { try await put.value }
        #expect(try await bucket.requests().contains { $0["method"]?.string == "DELETE" })
    }

    @Test func wrongKeysAreToldToTheOperator() async throws {
        let bucket = try await bucket()
        func problem(_ access: String, _ secret: String, _ region: String = S3Server.region) async -> String {
            await reason {
                try await store(bucket) {
                    $0.credentials = SigV4Credentials(accessKey: access, secretKey: Secret(secret))
                    $0.region = region
                }.put([1], at: key("a"))
            } ?? "nothing"
        }
        #expect(await problem("test-access", "wrong").contains("secret key is wrong"))
        #expect(await problem("nobody", "wrong").contains("access key is unknown"))
        #expect(await problem("temporary-access", "temporary-secret").contains("session token"))
        #expect(await problem("test-access", "test-secret", "eu-central-1").contains("region"))
        #expect(try await bucket.requests().count == 4)  // none of it gets better by asking again
    }

    @Test func aClockThatIsWrongIsTold() async throws {
        let store = try S3ObjectStore(try await bucket(), time: ManualTime(.now() + .seconds(3600)))
        #expect(await reason { try await store.put([1], at: key("a")) }?.contains("clocks differ") == true)
    }

    @Test func aMissingBucketIsNoMissingObject() async throws {
        let store = try store(try await bucket()) { $0.bucket = "no-such-bucket" }
        for work in [
            { try await store.put([1], at: key("a")) }, { _ = try await store.get(key("a")) },
            { _ = try await store.list(prefix: "") }, { try await store.check() },
        ] as [() async throws -> Void] {
            #expect(await reason(work)?.contains("bucket does not exist") == true)
        }
    }

    @Test(arguments: [507, 403])
    func roomThatIsUsedUpIsToldAsOnADisk(_ status: Int64) async throws {
        let bucket = try await bucket()
        try await bucket.fail(["kind": "status", "status": .integer(status), "code": "QuotaExceeded"])
        await #expect(throws: StorageError.full) { try await store(bucket).put([1], at: key("a")) }
    }

    @Test func nobodyThereIsToldSoon() async throws {
        let store = try store(try await bucket()) { $0.endpoint = "http://127.0.0.1:9" }
        #expect(await reason { try await store.check() }?.contains("no answer from S3") == true)
    }
}
