import Foundation
import Glibc
import HTTPClient
import Kernel
import TestSupport
import Testing

/// A pull that is killed again and again.
///
/// 300 objects and 5 kills, or what PICTOR_TEST_PULL says, such as `2000,20`.
@Suite(.serialized, .timeLimit(.minutes(30)))
struct PullCrashTests {
    @Test func killedAtRandomPointsItEndsAsIfNothingHadHappened() async throws {
        let (count, kills) = size()
        let bucket = try await S3Server.shared.value.bucket()
        try await fill(bucket, count)
        let seed = UInt64.random(in: 0...(.max))
        var chance = SplitMix(state: seed)

        let clean = try await PullRun(bucket).run(kills: [])
        let points = (0..<kills).map { _ in Int.random(in: 0..<count, using: &chance) }.sorted()
        let broken = try await PullRun(bucket).run(kills: points)

        #expect(broken.kills.count == kills, "it was done before it could be killed; seed \(seed)")
        #expect(broken.rows == clean.rows, "seed \(seed)")
        #expect(clean.rows.count == count)
        #expect(broken.counts == clean.counts, "seed \(seed)")
        #expect(broken.counts["done"] == JSON(count - count / 10))
        #expect(broken.counts["duplicate"] == JSON(count / 10))
        #expect(broken.listed == JSON(count))

        let fetches = try await fetches(of: bucket)
        for kill in broken.kills {
            let again = fetches.dropFirst(kill.fetches).filter(kill.stored.contains)
            #expect(again.isEmpty, "fetched again after it was stored: \(again.prefix(5)); seed \(seed)")
        }
        let wasted = fetches.count - clean.fetches - count
        print("pull of \(count) objects, \(kills) kills: \(wasted) objects were on their way and fetched anew")
    }

    private func size() -> (objects: Int, kills: Int) {
        let numbers = ProcessInfo.processInfo.environment["PICTOR_TEST_PULL"]?.split(separator: ",").compactMap {
            Int($0)
        }
        guard let numbers, numbers.count == 2 else { return (300, 5) }
        return (numbers[0], numbers[1])
    }

    /// Pictures under names as people give them; every tenth has the bytes of the one before.
    private func fill(_ bucket: S3Bucket, _ count: Int) async throws {
        let client = HTTPClient()
        let signer = SigV4Signer(S3Server.credentials, region: S3Server.region)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                if number >= 16 { try await group.next() }
                group.addTask {
                    let text = number % 10 == 9 ? number - 1 : number
                    var picture = PNG.scene(text, 16, 12)
                    picture.extra = [("tEXt", Array("number\0\(text)".utf8))]
                    let url = "\(bucket.endpoint)/\(bucket.name)/memes/\(number)%20cat.png"
                    let request = HTTPRequest(.put, url, body: .bytes(picture.bytes))
                    let answer = try await client.send(signer.sign(request, payload: .unsigned, at: .now()))
                    #expect(answer.isSuccess)
                }
            }
            try await group.waitForAll()
        }
    }
}

/// The keys of all objects that were asked for, in order.
private func fetches(of bucket: S3Bucket) async throws -> [String] {
    try await bucket.requests().compactMap { request in
        guard request["method"] == "GET", let target = request["target"]?.string, !target.contains("?") else {
            return nil
        }
        return target.split(separator: "/").last?.removingPercentEncoding
    }
}

/// A pull of a bucket with a data directory of its own.
private struct PullRun {
    struct Kill {
        /// How many objects had been asked for.
        let fetches: Int
        /// The names of those that were stored.
        let stored: Set<String>
    }

    struct Outcome {
        var kills: [Kill] = []
        /// Each source with the hash of its bytes.
        var rows: [String] = []
        var counts: JSON = [:]
        var listed: JSON = 0
        /// Objects that were asked for until now, by this and earlier runs.
        var fetches = 0
    }

    private let bucket: S3Bucket
    private let folder: TemporaryFolder
    private let key: String

    init(_ bucket: S3Bucket) async throws {
        self.bucket = bucket
        folder = try TemporaryFolder()
        let line = [binary, "key", "create", "--name", "test", "--owner", "test", "--scope", "pull"]
        let made = try await runProgram(line + ["--data", folder.path])
        let word = made.output.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("pk_") }
        key = try #require(word.map(String.init), "\(made.output)")
    }

    /// Kills the server when so many objects are stored, for each of the numbers.
    func run(kills points: [Int]) async throws -> Outcome {
        var server = try await start()
        let body: JSON = ["source": JSON("s3://\(bucket.name)/memes"), "batch_size": 20]
        let begun = try await client(of: server).send("POST", "/pull", body: body.bytes)
        let pull = try #require(begun.json["job_id"]?.string, "\(begun.text)")
        var outcome = Outcome()
        for point in points {
            guard try await reaches(point, pull, client(of: server)) else { break }
            server.send(SIGKILL)
            await server.exitCode()
            let stored = "SELECT key FROM pull_item WHERE state IN ('done', 'duplicate')"
            let names = try await rows(stored).map { String($0.dropFirst("memes/".count)) }
            outcome.kills.append(Kill(fetches: try await fetches(of: bucket).count, stored: Set(names)))
            server = try await start()
        }
        _ = try await reaches(.max, pull, client(of: server))
        let end = try await client(of: server).get("/pull/\(pull)").json
        await server.stop()
        outcome.counts = end["counts"] ?? [:]
        outcome.listed = end["listed"] ?? 0
        outcome.rows = try await rows(
            "SELECT source || ' ' || content_hash FROM meme_alias JOIN meme ON meme.id = meme_id ORDER BY source"
        )
        outcome.fetches = try await fetches(of: bucket).count
        return outcome
    }

    /// No language to read with: this is about fetching.
    private func start() async throws -> RunningServer {
        try await RunningServer(
            data: folder.path,
            environment: [
                "PICTOR_MEMES_PULL_ENDPOINT": bucket.endpoint, "PICTOR_MEMES_PULL_ACCESS_KEY": "test-access",
                "PICTOR_MEMES_PULL_SECRET_KEY": "test-secret", "TESSDATA_PREFIX": folder.path,
            ],
        )
    }

    private func client(of server: RunningServer) -> Client { Client(server, token: key) }

    /// Asks until so many objects are stored.
    ///
    /// - Returns: Whether the pull still runs then.
    private func reaches(_ count: Int, _ pull: String, _ client: Client) async throws -> Bool {
        while true {
            let now = try await client.get("/pull/\(pull)").json
            let state = try #require(now["state"]?.string)
            let numbers = PullRun.numbers(now["counts"])
            #expect(numbers.values.reduce(0, +) == now["listed"]?.integer, "\(now.text)")
            if (numbers["done"] ?? 0) + (numbers["duplicate"] ?? 0) >= count, state == "running" { return true }
            if state != "running", state != "processing" { return false }
        }
    }

    private static func numbers(_ counts: JSON?) -> [String: Int64] {
        guard case .object(let members)? = counts else { return [:] }
        return Dictionary(uniqueKeysWithValues: members.map { ($0.key, $0.value.integer ?? 0) })
    }

    /// The first column of a query of the database file.
    private func rows(_ sql: String) async throws -> [String] {
        let script = """
            import sqlite3, sys
            for row in sqlite3.connect(sys.argv[1]).execute(sys.argv[2]): print(row[0])
            """
        let printed = try await runProgram(["/usr/bin/python3", "-c", script, "\(folder.path)/pictor.db", sql])
        #expect(printed.code == 0, "\(printed.output)")
        return printed.output.split(separator: "\n").map(String.init)
    }
}
