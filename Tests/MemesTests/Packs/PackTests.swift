import Accounts
import Archives
import Database
import Foundation
import HTTPServer
import Kernel
import TestSupport
import Testing

@testable import Memes

/// Packs that go out and come in.
@Suite(.timeLimit(.minutes(5))) struct PackTests {
    private let describer = PictureDescriber(version: "model") { _ in
        [
            MemeText(.meaning, ["a cat is tired"], by: .vlm, confidence: 0.75),
            MemeText(.keywords, ["cat", "tired; really"], by: .vlm), MemeText(.emotions, ["tired"], by: .vlm),
        ]
    }

    /// Three memes in two libraries, of which a person has said things.
    private func filled(_ backend: DatabaseBackend = .ofModules) async throws -> MemeHouse {
        let house = try await MemeHouse(backend: backend, describer: describer)
        let first = try await house.add("monday again", name: "猫 & cat.png", library: "cats")
        try await house.add("no more coffee", name: "coffee.png", library: "cats")
        try await house.add("elsewhere", name: "other.png", library: "dogs & more")
        let shelf = try await house.memes.library(named: "monday's")
        _ = try await house.send(.put, "/libraries/\(shelf.id)/memes/\(first)")
        let said: JSON = ["tags": ["quoted \"tag\"", "zebra"], "subjects": [], "title": "Mondays"]
        #expect(try await house.send(.patch, "/meme/\(first)", said).status == 200)
        try await house.finish([first])
        return house
    }

    @Test(
        "what goes out comes in the same: pictures, libraries, words, who said them",
        arguments: DatabaseBackend.allCases,
    )
    func roundTrip(backend: DatabaseBackend) async throws {
        let house = try await filled(backend)
        let pack = try await house.get("/pack")
        #expect(pack.status == 200)
        #expect(pack.headers["Content-Type"] == "application/zip")
        #expect(pack.headers["Content-Disposition"] == "attachment; filename=\"memes.zip\"")

        let other = try await MemeHouse(backend: backend, hasReader: false)
        let answer = try await other.sendPack(pack.body)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.json["data"] == ["added": 3, "known": 0, "ignored": 0, "refused": 0, "problems": []])
        let ids = try await other.memes.memes.page(status: nil, before: nil, limit: 10).map(\.id)
        try await other.finish(ids)
        #expect(try await other.catalogue() == house.catalogue())
        for meme in try await other.memes.memes.find(all: ids) where meme.fileName.contains("猫") {
            let shown = try await other.get("/meme/\(meme.id)").json["data"]
            #expect(shown?["locked"] == ["title", "subjects", "keywords"])
        }
        #expect(try await other.found("zebra").count == 1)

        let before = try await MemeCounter.current(in: other.database)
        let again = try await other.sendPack(pack.body)
        #expect(again.json["data"] == ["added": 0, "known": 3, "ignored": 0, "refused": 0, "problems": []])
        #expect(try await MemeCounter.current(in: other.database) == before)
        #expect(try await unzipped(other.get("/pack").body).keys.sorted() == unzipped(pack.body).keys.sorted())
    }

    @Test func aPackHoldsWhatWasAskedFor() async throws {
        let house = try await filled()
        func names(_ query: String) async throws -> Set<String> {
            let files = try unzipped(try await house.get("/pack?\(query)").body)
            let manifest = try JSON(parsing: try #require(files["manifest.json"]))
            let memes = try #require(manifest["memes"]?.array)
            #expect(files.count == memes.count + 1)
            for meme in memes {
                let file = try #require(meme["file"]?.string.flatMap { files[$0] })
                #expect(Digest.sha256(file).hexadecimal == meme["sha256"]?.string)
            }
            return Set(memes.compactMap { $0["name"]?.string })
        }
        #expect(try await names("lib=cats") == ["猫 & cat.png", "coffee.png"])
        #expect(try await names("lib=cats&tag=zebra") == ["猫 & cat.png"])
        #expect(try await names("q=coffee") == ["coffee.png"])
        #expect(try await names("q=lib:%22dogs+%26+more%22") == ["other.png"])
        #expect(try await house.get("/pack?lib=none").status == 404)
        #expect(try await house.get("/pack?lib=\(String(repeating: "x", count: 501))").status == 422)
        #expect(try await house.get("/pack?lib=cats").headers["Content-Disposition"]?.contains("cats.zip") == true)
    }

    @Test func whatAPersonWroteHereStays() async throws {
        let house = try await filled()
        let pack = try await house.get("/pack").body
        let known = try await house.memes.memes.page(status: nil, before: nil, limit: 10)
        let id = try #require(known.first { $0.fileName.contains("猫") }).id
        _ = try await house.send(.patch, "/meme/\(id)", ["title": "Mine", "tags": nil])
        #expect(try await house.sendPack(pack, library: "all").status == 200)
        let shown = try await house.get("/meme/\(id)").json["data"]
        #expect(shown?["title"] == "Mine")
        #expect(shown?["tags"] == ["quoted \"tag\"", "zebra"])
        #expect(shown?["libraries"]?.array?.contains("all") == true)
    }

    @Test func anImportThatWasBrokenOffIsFinishedByTheNext() async throws {
        let pack = try await filled().get("/pack").body
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/pack.zip"
        try Data(pack).write(to: URL(filePath: path))
        let house = try await MemeHouse(hasReader: false, hasWorker: false)
        struct Broken: Error {}
        await #expect(throws: Broken.self) {
            try await house.memes.importPack(archive: path, into: nil) { done, total in
                #expect(total == 3)
                if done == 1 { throw Broken() }
            }
        }
        let report = try await house.memes.importPack(archive: path, into: nil)
        #expect(report.known >= 1)
        #expect(report.added + report.known == 3)
        #expect(report.memes.count == 3)
    }

    @Test func whoAsksForLinesHearsHowFarItIs() async throws {
        let pack = try await filled().get("/pack").body
        let house = try await MemeHouse(hasReader: false, hasWorker: false)
        let answer = try await house.sendPack(pack, accept: "application/x-ndjson")
        #expect(answer.headers["Content-Type"] == "application/x-ndjson")
        let lines = try answer.text.split(separator: "\n").map { try JSON(parsing: Array($0.utf8)) }
        #expect(lines.first == ["done": 1, "total": 3])
        #expect(lines.last?["result"]?["added"] == 3)
    }

    @Test func onlyWritersTakeInAndOnlyWhoIsSignedInTakesOut() async throws {
        let pack = zipped([("a.png", PNG.scene(1).bytes)])
        #expect(try await MemeHouse(principal: nil).sendPack(pack).status == 401)
        let house = try await MemeHouse(principal: .reader)
        #expect(try await house.sendPack(pack).status == 403)
        try await house.add("something")
        #expect(try await house.get("/pack").status == 200)
        let address = try #require(try await house.get("/pack/address?q=something").json["data"]?["url"]?.string)
        let visitor = try await MemeHouse(of: house, principal: nil)
        try await visitor.memes.readIndex()
        #expect(try await visitor.get("/pack").status == 401)
        #expect(try await visitor.get("/pack/address").status == 401)
        #expect(try await unzipped(visitor.get(address).body).count == 2)
        #expect(try await visitor.get(address.replacing("signature=", with: "signature=x")).status == 403)
    }
}
