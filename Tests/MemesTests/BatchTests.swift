import Database
import HTTPServer
import Kernel
import TestSupport
import Testing

@testable import Memes

/// Many memes at once, and back.
@Suite(.timeLimit(.minutes(5))) struct BatchTests {
    @Test("undo restores names byte for byte", arguments: DatabaseBackend.allCases)
    func rename(backend: DatabaseBackend) async throws {
        let house = try await MemeHouse(backend: backend)
        let odd = "  Ünï çødé — (1).PNG"
        let ids = [try await house.add("one", name: odd), try await house.add("two", name: "b.jpeg")]
        for (id, title) in zip(ids, ["Same title", "Same title"]) {
            _ = try await house.send(.patch, "/meme/\(id)", ["title": JSON(title), "subjects": ["cat/dog: 'x'"]])
        }
        var body: JSON = ["ids": JSON(ids.map { JSON($0) }), "template": "{subject}-{title}"]
        let plan = try await house.send(.post, "/meme/rename", body)
        #expect(plan.json["dry_run"] == true)
        let names = plan.json["data"]?.array?.compactMap { $0["to"]?.string }
        #expect(names == ["cat dog x-Same title.PNG", "cat dog x-Same title.jpeg"])
        #expect(try await house.get("/meme/\(ids[0])").json["data"]?["file_name"]?.string == odd)

        body["dry_run"] = false
        let done = try await house.send(.post, "/meme/rename", body)
        let batch = try #require(done.json["batch_id"]?.string)
        #expect(try await house.get("/meme/\(ids[0])").json["data"]?["file_name"] == "cat dog x-Same title.PNG")
        let undone = try await house.send(.post, "/meme/batches/\(batch)/undo")
        #expect(undone.json["data"]?["changed"] == 2)
        #expect(try await house.get("/meme/\(ids[0])").json["data"]?["file_name"]?.string == odd)
        #expect(try await house.get("/meme/\(ids[1])").json["data"]?["file_name"] == "b.jpeg")
        #expect(try await house.send(.post, "/meme/batches/\(batch)/undo").status == 404)
    }

    @Test("labels are set for all and taken back", arguments: DatabaseBackend.allCases)
    func label(backend: DatabaseBackend) async throws {
        let house = try await MemeHouse(backend: backend)
        let ids = [try await house.add("one"), try await house.add("two")]
        _ = try await house.send(.patch, "/meme/\(ids[0])", ["tags": ["before"]])
        var body: JSON = ["ids": JSON(ids.map { JSON($0) }), "set": ["tags": ["work", "office"]]]
        #expect(try await house.send(.post, "/meme/label", body).json["data"]?.array?.count == 2)
        #expect(try await house.get("/meme/\(ids[1])").json["data"]?["tags"] == [], "a dry run changes nothing")
        body["dry_run"] = false
        let batch = try #require(try await house.send(.post, "/meme/label", body).json["batch_id"]?.string)
        try await house.memes.readIndex()
        #expect(try await house.get("/query?content=office&format=id").json["data"]?.array?.count == 2)
        #expect(try await house.send(.post, "/meme/batches/\(batch)/undo").json["data"]?["changed"] == 2)
        #expect(try await house.get("/meme/\(ids[0])").json["data"]?["tags"] == ["before"])
        #expect(try await house.get("/meme/\(ids[1])").json["data"]?["tags"] == [])
    }

    @Test func namesOfAPlanAreUniqueAndPlacesWithoutAValueDisappear() {
        let texts = MemeTexts([MemeText(.title, ["x"], by: .human)])
        let memes = [("1", "a.png", texts), ("2", "b.png", texts), ("3", "c.png", MemeTexts([]))]
        let plan = RenamePlan(
            template: "{subject}-{title}",
            for: memes.map { (id: $0.0, fileName: $0.1, texts: $0.2) },
        )
        #expect(plan?.steps.map(\.to) == ["x.png", "x-2.png"])
        #expect(RenamePlan(template: "{nonsense}", for: []) == nil)
    }

    static let refused: [JSON] = [
        [:], ["ids": []], ["ids": ["x"]], ["ids": "x"], ["ids": [5], "template": "{title}"],
        ["ids": ["01993f3e-7c4a-7a11-8c2d-90ab12cd34ef"], "template": "plain"],
        ["ids": ["01993f3e-7c4a-7a11-8c2d-90ab12cd34ef"], "template": "{title}", "dry_run": "no"],
    ]

    @Test("what is no plan is 422", arguments: refused)
    func refusals(body: JSON) async throws {
        #expect(try await MemeHouse().send(.post, "/meme/rename", body).status == 422)
    }

    @Test func librariesHoldMemes() async throws {
        let house = try await MemeHouse()
        let id = try await house.add("on a shelf")
        let made = try await house.send(.post, "/libraries", ["name": "work", "author": "me"])
        let library = try #require(made.json["data"]?["id"]?.string)
        #expect(try await house.send(.post, "/libraries", ["name": "work"]).status == 409)
        #expect(try await house.send(.put, "/libraries/\(library)/memes/\(id)").status == 200)
        #expect(try await house.get("/libraries").json["data"]?.array?.first?["memes"] == 1)
        #expect(try await house.get("/libs_manifest").json["meme_libs"]?[library]?["name"] == "work")
        try await house.memes.readIndex()
        #expect(try await house.get("/query?content=shelf&lib=work&format=id").json["data"] == [JSON(id)])
        #expect(try await house.send(.delete, "/libraries/\(library)/memes/\(id)").status == 200)
        try await house.memes.readIndex()
        #expect(try await house.get("/query?content=shelf&lib=work&format=id").json["data"] == [])
        #expect(try await house.send(.put, "/libraries/\(id)/memes/\(id)").status == 404)
    }
}
