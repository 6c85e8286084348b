import Foundation
import HTTPServer
import Kernel
import TestSupport
import Testing

/// Memes with no key and no network, through the real program.
@Suite(.timeLimit(.minutes(5))) struct MemeJourneyTests {
    /// Three different pictures whose names say what they are about, one of them twice, and a file that is no picture.
    private func collection() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let memes = "\(folder.path)/memes/deeper"
        try FileManager.default.createDirectory(atPath: memes, withIntermediateDirectories: true)
        for (seed, name) in ["tired on monday", "happy friday dance", "cat steals dinner"].enumerated() {
            let bytes = Data(PNG.scene(seed * 17 + 3).bytes)
            try bytes.write(to: URL(filePath: "\(folder.path)/memes/\(name.replacing(" ", with: "_")).png"))
            if seed == 0 { try bytes.write(to: URL(filePath: "\(memes)/the_same_again.png")) }
        }
        try Data("no picture".utf8).write(to: URL(filePath: "\(memes)/broken.jpg"))
        return folder
    }

    @Test func ingestSearchAndQuery() async throws {
        let folder = try collection()
        let data = "\(folder.path)/data"
        let ingested = try await runProgram([binary, "ingest", "\(folder.path)/memes", "--data", data, "--json"])
        #expect(ingested.code == 1, "one was refused")
        let start = try #require(ingested.output.firstIndex(of: "{"))
        let report = try JSON(parsing: Array(ingested.output[start...].utf8))
        #expect(report["added"] == 3)
        #expect(report["known"] == 1)
        #expect(report["refused"]?.array?.first?["path"]?.string?.hasSuffix("broken.jpg") == true)

        let found = try await runProgram([binary, "search", "tired on monday", "--data", data])
        #expect(found.code == 0, "\(found.output)")
        #expect(found.output.contains("tired_on_monday.png") || found.output.contains("the_same_again.png"))
        #expect(found.output.contains("words"), "it says why: \(found.output)")
        let nothing = try await runProgram([binary, "search", "zzzzqqqq", "--data", data])
        #expect(nothing.code == 1)

        let server = try await RunningServer(data: data)
        let client = Client(server, token: nil)
        let address = try await firstAddress(client, "/query?content=tired+monday&n=1")
        let file = try await client.send("GET", address)
        #expect(file.status == 200)
        #expect(file.body == PNG.scene(3).bytes)
        let health = try await client.send("GET", "/health").json
        #expect(health["services"]?["postgres"] == "ok")
        #expect(health["services"]?["redis"] == "absent")
        #expect(health["memes"]?["count"] == 3)

        // Beside the server, which does the reading and notices by itself.
        let more = "\(folder.path)/penguin_in_a_suit.png"
        try Data(PNG.scene(99).bytes).write(to: URL(filePath: more))
        let beside = try await runProgram([binary, "ingest", more, "--data", data])
        #expect(beside.code == 0, "\(beside.output)")
        let penguin = try await firstAddress(client, "/query?content=penguin+suit&n=1")
        #expect(try await client.send("GET", penguin).body == PNG.scene(99).bytes)
        #expect(await server.stop() == 0)
    }

    @Test func packsGoOutAndComeIn() async throws {
        let folder = try collection()
        let (data, other) = ("\(folder.path)/data", "\(folder.path)/other")
        let table = """
            file,name,tags,libraries
            tired_on_monday.png,weary.png,zebra;monday,work
            deeper/../cat_steals_dinner.png,,,
            happy_friday_dance.png,,,
            ../data/pictor.db,,,
            gone.png,,,

            """
        let manifest = "\(folder.path)/memes/manifest.csv"
        try Data(table.utf8).write(to: URL(filePath: manifest))
        // Nothing to read with: this is about packs.
        let blind = ["TESSDATA_PREFIX": folder.path]
        let taken = try await runProgram(
            [binary, "pack", "import", manifest, "--data", data, "--json"],
            environment: blind,
        )
        #expect(taken.code == 1, "three were refused")
        let report = try JSON(parsing: Array(taken.output[try #require(taken.output.firstIndex(of: "{"))...].utf8))
        #expect(report["added"] == 2 && report["known"] == 0 && report["refused"] == 3, "\(taken.output)")

        let pack = "\(folder.path)/work.zip"
        let line = [binary, "pack", "export", "--library", "work", pack, "--data", data]
        #expect(try await runProgram(line, environment: blind).code == 0)
        for added in [1, 0] {
            let came = try await runProgram([binary, "pack", "import", pack, "--data", other], environment: blind)
            #expect(came.code == 0 && came.output.contains("\(added) new memes"), "\(came.output)")
        }
        let found = try await runProgram([binary, "search", "tag:zebra", "lib:work", "weary", "--data", other])
        #expect(found.code == 0 && found.output.contains("weary.png"), "\(found.output)")

        let nothing = [binary, "pack", "export", "--library", "none", "\(folder.path)/none.zip", "--data", data]
        let refused = try await runProgram(nothing, environment: blind)
        #expect(refused.code == 1 && refused.output.contains("No meme is there to pack"), "\(refused.output)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).allSatisfy { !$0.hasPrefix("none") })
    }

    @Test func packsComeFromTheListOfACommunity() async throws {
        let (monday, dinner) = (PNG.scene(3).bytes, PNG.scene(37).bytes)
        let elsewhere = try LocalServer { router in router.get("/manifest.json") { _ in .json([:]) } }
        let (listed, away) = (Box<[JSON]>([]), "\(elsewhere.url)/manifest.json")
        let community = try LocalServer { router in
            router.get("/community_manifest.json") { _ in
                .json(["meme_libs": .object(listed.value.enumerated().map { ("library \($0)", $1) })])
            }
            router.get("/精选/manifest.json") { _ in
                let files: JSON = [
                    "tired on monday": ["filepath": "deeper/一.png", "hash": JSON(Digest.sha256(monday).hexadecimal)],
                    "cat steals dinner": ["filepath": "two.png", "hash": JSON(Digest.sha256(monday).hexadecimal)],
                    "gone": ["filepath": "gone.png"],
                ]
                return .json(["name": "Selected", "contents": ["images": ["files": files]]])
            }
            router.get("/精选/deeper/一.png") { _ in .bytes(monday, contentType: "image/png") }
            router.get("/moved.json") { _ in .redirect(to: away) }
            router.get("/精选/two.png") { _ in .bytes(dinner, contentType: "image/png") }
        }
        listed.value = [
            ["url": JSON("\(community.url)/精选"), "update_url": JSON("\(community.url)/精选/manifest.json")]
        ]
        let folder = try TemporaryFolder()
        let blind = ["TESSDATA_PREFIX": folder.path]
        let line = [binary, "pack", "import", "\(community.url)/community_manifest.json", "--data", folder.path]
        let taken = try await runProgram(line, environment: blind)
        #expect(taken.code == 1 && taken.output.contains("1 new memes"), "\(taken.output)")
        #expect(taken.output.contains("two.png: The file is not the one that the manifest means"), "\(taken.output)")
        #expect(taken.output.contains("gone.png: There is no such file"), "\(taken.output)")
        let found = try await runProgram([binary, "search", "tired monday", "lib:Selected", "--data", folder.path])
        #expect(found.code == 0 && found.output.contains("tired on monday.png"), "\(found.output)")

        // A list leads to its own server and to public ones, not into somebody's network.
        listed.value = [["update_url": JSON("\(elsewhere.url)/manifest.json")]]
        let refused = try await runProgram(line, environment: blind)
        #expect(refused.code == 1 && refused.output.contains("public"), "\(refused.output)")
        listed.value = [["update_url": JSON("\(community.url)/moved.json")]]
        let moved = try await runProgram(line, environment: blind)
        #expect(moved.code == 1 && moved.output.contains("public"), "\(moved.output)")
    }

    /// Asks until the index has followed; it has half a second.
    private func firstAddress(_ client: Client, _ path: String) async throws -> String {
        while true {
            let answer = try await client.send("GET", path)
            #expect(answer.status == 200, "\(answer.text)")
            if let address = answer.json["data"]?.array?.first?.string { return address }
            try Task.checkCancellation()
        }
    }
}
