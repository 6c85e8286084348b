import Kernel
import ObjectStore
import Testing

@testable import Memes

/// What needs neither a source nor a table.
@Suite struct PullRulesTests {
    @Test(
        "sources are read",
        arguments: [
            ("s3://memes/cats", "s3://memes/cats/"), ("s3://memes/cats/", "s3://memes/cats/"),
            ("s3://memes/", "s3://memes/"), ("oss://memes/a b/ä", "oss://memes/a b/ä/"),
            ("local:///srv/memes/", "local:///srv/memes"), ("local:///srv/./memes", "local:///srv/memes"),
        ],
    )
    func source(text: String, expected: String) throws {
        #expect(try PullAddress(text).text == expected)
        #expect(try PullAddress(expected) == PullAddress(text))
    }

    @Test(
        "what is no source is refused",
        arguments: [
            "", "memes", "ftp://memes/a", "S3://memes/a", "s3://", "s3:///a", "s3://memes", "s3://memes/../a",
            "local://",
            "local://memes/a", "local:///srv/../etc", "s3://memes/a\nb",
        ],
    )
    func noSource(text: String) {
        #expect(throws: PullError.self) { try PullAddress(text) }
    }

    @Test func anObjectIsNamedByItsProfileOnlyWhereThatIsNotTheStandardOne() throws {
        let address = try PullAddress("s3://memes/cats")
        #expect(address.source(of: "cats/a.png", profile: "default") == "s3://memes/cats/a.png")
        #expect(address.source(of: "cats/a.png", profile: "old") == "s3://old@memes/cats/a.png")
        #expect(try PullAddress("local:///srv").source(of: "a.png", profile: "default") == "local:///srv/a.png")
    }

    @Test(
        "patterns describe whole names",
        arguments: [
            ("a.png", "*.png", true), ("a/b.png", "*.png", true), ("a.png", "a.pn", false), ("a.png", "?.png", true),
            ("aa.png", "?.png", false), ("ab", "a*b*", true), ("acbd", "a*b", false), ("", "*", true),
            ("x", "", false),
            ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "*a*a*a*a*a*a*a*c", false),
        ],
    )
    func pattern(name: String, pattern: String, isMatch: Bool) {
        #expect(matches(name, pattern) == isMatch)
    }

    @Test func theNameDecidesOnlyWhereItSaysSomethingElse() throws {
        let address = try PullAddress("s3://memes/cats")
        var options = PullOptions()
        var filter = PullFilter(address: address, options: options, maxFileBytes: 100)
        #expect(filter.skipReason("cats/a.png", size: 100) == nil)
        #expect(filter.skipReason("cats/a", size: 1) == nil)
        #expect(filter.skipReason("cats/a.verylongending", size: 1) == nil)
        #expect(filter.skipReason("cats/a.mp4", size: 1) == .notImage)
        #expect(filter.skipReason("cats/", size: 0) == .notImage)
        #expect(filter.skipReason("cats/a.png", size: 0) == .notImage)
        #expect(filter.skipReason("cats/a.png", size: 101) == .tooLarge)
        options.include = ["*.dat"]
        options.exclude = ["old/*"]
        options.isRecursive = false
        filter = PullFilter(address: address, options: options, maxFileBytes: 100)
        #expect(filter.isWanted("cats/a.dat") && !filter.isWanted("cats/b/a.dat") && !filter.isWanted("cats/a.png"))
        #expect(filter.skipReason("cats/a.dat", size: 1) == nil, "a pattern asks for it")
    }

    @Test func troublesThatPassAreTriedFiveTimesAndFartherApart() throws {
        let now = Timestamp(milliseconds: 0)
        let error = SourceError.unavailable(reason: "busy", retryAfter: nil)
        let waits = (1...5).map { PullFailure(error, attempt: $0, now: now, chance: 1) }
        #expect(waits.map { $0?.nextTry?.milliseconds } == [2000, 4000, 8000, 16_000, nil])
        #expect(waits.map { $0?.state } == [.listed, .listed, .listed, .listed, .dead])
        let asked = SourceError.unavailable(reason: "slow down", retryAfter: .seconds(30))
        #expect(PullFailure(asked, attempt: 1, now: now, chance: 0)?.nextTry?.milliseconds == 30_000)
    }

    @Test func whatCannotBecomeBetterIsNotTriedAgain() {
        let now = Timestamp(milliseconds: 0)
        let states: [(any Failure, PullItem.State)] = [
            (SourceError.notFound, .failed), (SourceError.refused(reason: "no"), .failed),
            (SourceError.tooLarge(limitBytes: 1), .skipped), (MemesError.tooLarge(limitBytes: 1), .skipped),
        ]
        for (error, state) in states {
            let failure = PullFailure(error, attempt: 1, now: now, chance: 1)
            #expect(failure?.state == state && failure?.nextTry == nil, "\(error)")
        }
        #expect(PullFailure(StorageError.full, attempt: 1, now: now, chance: 1) == nil, "our disk, not the object")
        #expect(PullFailure(StorageError.unavailable(reason: ""), attempt: 1, now: now, chance: 1) == nil)
    }

    @Test func optionsAreReadAsTheyAreKept() throws {
        let body: JSON = [
            "source": "s3://memes/", "batch_size": 7, "recursive": false, "include": ["*.png"], "exclude": ["x*"],
            "max_images": 3, "force": true, "library": "cats", "tags": ["cat"],
        ]
        let options = try PullOptions(body: body)
        #expect(options.batchSize == 7 && options.maxImages == 3 && !options.isRecursive && options.isForced)
        #expect(try PullOptions(body: options.json) == options)
        #expect(try PullOptions(body: [:]) == PullOptions())
    }

    @Test(
        "a field that cannot be used is refused",
        arguments: [
            ["batch_size": 0], ["batch_size": 1001], ["batch_size": "x"], ["recursive": 1], ["include": "*.png"],
            ["include": [""]], ["max_images": 0], ["library": ""], ["bogus": 1], [],
        ] as [JSON],
    )
    func badField(body: JSON) {
        #expect(throws: MemesError.self) { try PullOptions(body: body) }
    }
}
