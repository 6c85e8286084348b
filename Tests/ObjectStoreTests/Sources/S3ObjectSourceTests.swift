import HTTPClient
import Kernel
import TestSupport
import Testing

@testable import ObjectStore

/// Buckets of others.
@Suite(.timeLimit(.minutes(5))) struct S3ObjectSourceTests {
    private static let names = ["in/a b", "in/a+b", "in/ä/ö", "in/a&b<c>", "in/漢", "in/a//b", "in/.h"]

    private func source(_ bucket: S3Bucket, _ change: (inout S3Settings) -> Void = { _ in }) throws -> S3ObjectSource {
        var settings = S3Settings(
            endpoint: bucket.endpoint,
            bucket: bucket.name,
            region: S3Server.region,
            credentials: S3Server.credentials,
        )
        settings.retry = HTTPRetry(attempts: 3, base: .milliseconds(1))
        change(&settings)
        return try S3ObjectSource(settings: settings, prefix: "in/", client: HTTPClient())
    }

    private func filled() async throws -> S3Bucket {
        let bucket = try await S3Server.shared.value.bucket()
        let signer = SigV4Signer(S3Server.credentials, region: S3Server.region)
        for name in Self.names + ["out/x"] {
            let url = "\(bucket.endpoint)/\(bucket.name)/\(percentEncoded(name, keepingSlashes: true))"
            let request = HTTPRequest(.put, url, body: .bytes(Array(name.utf8)))
            #expect(try await HTTPClient().send(signer.sign(request, payload: .unsigned, at: .now())).isSuccess)
        }
        return bucket
    }

    @Test func keysOfAllKindsAreListedAndRead() async throws {
        let source = try source(try await filled())
        let expected = Self.names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var (keys, last): ([String], String?) = ([], nil)
        repeat {
            let page = try await source.list(after: last, limit: 2)
            keys += page.objects.map(\.key)
            last = page.next
        } while last != nil
        #expect(keys == expected)
        for key in keys { #expect(try await source.get(key, limit: 100) == Array(key.utf8)) }
        await #expect(throws: SourceError.notFound) { try await source.get("in/none", limit: 100) }
        await #expect(throws: SourceError.tooLarge(limitBytes: 3)) { try await source.get("in/a b", limit: 3) }
    }

    @Test func aBrokenPageIsAskedForAgain() async throws {
        let bucket = try await filled()
        try await bucket.fail(["kind": "truncate", "query": "list-type", "count": 2])
        #expect(try await source(bucket).list(after: nil, limit: 1000).objects.count == Self.names.count)
    }

    @Test func whoeverIsRefusedIsToldAtOnce() async throws {
        let bucket = try await filled()
        let wrong = try source(bucket) { settings in
            settings.credentials = SigV4Credentials(accessKey: "test-access", secretKey: Secret("wrong"))
        }
        await #expect(throws: SourceError.self) { try await wrong.list(after: nil, limit: 10) }
        #expect(try await bucket.requests().count { $0["target"]?.string?.contains("list-type") == true } == 1)
        let missing = try source(bucket) { $0.bucket = "no-such-bucket-here" }
        let error = await #expect(throws: SourceError.self) { try await missing.list(after: nil, limit: 10) }
        #expect(error?.code == "source_refused")
    }
}
