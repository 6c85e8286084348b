import HTTPClient
import Kernel
import TestSupport
import Testing

@testable import ObjectStore

/// Listings as S3 writes them.
@Suite(.timeLimit(.minutes(5))) struct S3ListingTests {
    @Test func moreThanAPageIsListedInOrder() async throws {
        let store = try S3ObjectStore(try await S3Server.shared.value.bucket())
        let names = (0..<1203).map { "many/\($0)" }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, name) in names.enumerated() {
                if index >= 16 { try await group.next() }
                group.addTask { try await store.put([], at: key(name)) }
            }
            try await group.waitForAll()
        }
        let first = try await store.list(prefix: "many/", limit: 5000)
        #expect(first.objects.map(\.key.text) == Array(names.sorted().prefix(1000)))
        let rest = try await store.list(prefix: "many/", after: first.next, limit: 1000)
        #expect(rest.objects.map(\.key.text) == Array(names.sorted().dropFirst(1000)))
        #expect(rest.next == nil)
    }

    /// Others may use the bucket, too. Their names are stepped over, within a page and over whole pages.
    @Test func namesThatAreNoKeysAreSteppedOver() async throws {
        let bucket = try await S3Server.shared.value.bucket()
        let store = try S3ObjectStore(bucket) { $0.prefix = "" }
        let signer = SigV4Signer(S3Server.credentials, region: S3Server.region)
        let odd = ["a b", "a+b", "a%41", "ä/ö", "a//b", "a/", "a&b<c>\"d'", ".hidden", "a\u{1}b", "漢"]
        let client = HTTPClient()
        for name in odd {
            let url = "\(bucket.endpoint)/\(bucket.name)/\(percentEncoded(name, keepingSlashes: true))"
            let request = HTTPRequest(.put, url, body: .bytes([1]))
            #expect(try await client.send(signer.sign(request, payload: .unsigned, at: .now())).isSuccess, "\(name)")
        }
        for name in ["a", "a=b", "zz"] { try await store.put([1], at: key(name)) }
        for limit in [1, 2, 1000] {
            var (seen, last): ([String], ObjectKey?) = ([], nil)
            repeat {
                let page = try await store.list(prefix: "", after: last, limit: limit)
                seen += page.objects.map(\.key.text)
                last = page.next
            } while last != nil
            #expect(seen == ["a", "a=b", "zz"])
        }
    }

    private func listing(_ body: String) -> S3Listing? {
        S3Listing(
            Array("<?xml version=\"1.0\"?>\n<ListBucketResult xmlns='urn:x'>\(body)</ListBucketResult>".utf8)
        )
    }

    @Test func theKeyIsDecodedOnlyWhereTheServerSaysSo() {
        let entry =
            "<Contents><Key>p/a%3Db</Key><Size>7</Size><LastModified>2026-01-02T03:04:05.678Z</LastModified></Contents>"
        let decoded = listing("<EncodingType>url</EncodingType>" + entry)?.objects(prefix: "p/")
        #expect(decoded?.first?.key.text == "a=b")
        #expect(listing(entry)?.objects(prefix: "p/").isEmpty == true)
        #expect(listing(entry)?.objects(prefix: "q/").isEmpty == true)
    }

    @Test func aPageWithoutTheNextOnesPlaceIsNoListing() {
        #expect(listing("<IsTruncated>true</IsTruncated>") == nil)
        #expect(
            listing("<IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken>")?.continuation
                == "x"
        )
        #expect(listing("<IsTruncated>false</IsTruncated>")?.continuation == nil)
        #expect(S3Listing(Array("<html></html>".utf8)) == nil)
    }
}
