import Accounts
import Database
import HTTPServer
import Jobs
import Kernel
import TestSupport
import Testing

@testable import Memes

/// What people say about memes.
@Suite(.timeLimit(.minutes(5))) struct EditTests {
    @Test("a person's word counts whatever models say later", arguments: DatabaseBackend.allCases)
    func humanLock(backend: DatabaseBackend) async throws {
        let described = Tally()
        let describer = PictureDescriber(version: "model") { _ in
            described.add()
            return [MemeText(.meaning, ["model says"], by: .vlm), MemeText(.subjects, ["robot"], by: .vlm)]
        }
        let house = try await MemeHouse(backend: backend, describer: describer)
        let id = try await house.add("words")
        let body: JSON = ["meaning": "person says", "emotions": ["tired"], "subjects": []]
        let changed = try await house.send(.patch, "/meme/\(id)", body)
        #expect(changed.status == 200, "\(changed.text)")
        #expect(changed.json["data"]?["meaning"] == "person says")
        #expect(changed.json["data"]?["subjects"] == [])
        #expect(changed.json["data"]?["locked"] == ["meaning", "subjects", "emotions"])

        let before = try #require(try await house.memes.memes.find(id)).change
        try await house.memes.parts.jobs.enqueue(ReadMeme(meme: id))
        try await untilRead(house, id, after: before)
        let shown = try await house.get("/meme/\(id)").json["data"]
        #expect(shown?["meaning"] == "person says")
        try await house.memes.readIndex()
        #expect(try await house.found("person") == [id.description])

        let back = try await house.send(.patch, "/meme/\(id)", ["meaning": nil, "subjects": nil])
        #expect(back.json["data"]?["meaning"] == "model says")
        #expect(back.json["data"]?["subjects"] == ["robot"])
    }

    /// Waits until a pipeline that was started again is through: its stages touch the meme three times.
    private func untilRead(_ house: MemeHouse, _ id: ID<Meme>, after before: Int64) async throws {
        for await _ in house.database.announcements(changeChannel) {
            if let now = try await house.memes.memes.find(id)?.change, now >= before + 3 { break }
        }
    }

    static let refused: [JSON] = [
        [], [:], ["nonsense": "x"], ["title": 5], ["subjects": "x"], ["subjects": [5]], ["emotions": ["blorb"]],
        ["title": JSON(String(repeating: "a", count: 2001))],
    ]

    @Test("a change that says nothing sensible is 422", arguments: refused)
    func refusals(body: JSON) async throws {
        let house = try await MemeHouse()
        let id = try await house.add("x")
        #expect(try await house.send(.patch, "/meme/\(id)", body).status == 422)
    }

    @Test func onlyWritersChangeAnything() async throws {
        for (principal, status) in [(nil, 401), (Principal.reader, 403)] as [(Principal?, Int)] {
            let house = try await MemeHouse(principal: principal)
            let id = try await house.add("mine")
            #expect(try await house.send(.patch, "/meme/\(id)", ["title": "x"]).status == status)
            #expect(try await house.send(.delete, "/meme/\(id)").status == status)
            #expect(try await house.get("/meme/\(id)").json["data"]?["title"] == "")
        }
    }

    @Test func whatIsDeletedIsNowhere() async throws {
        let house = try await MemeHouse()
        let id = try await house.add("farewell")
        let address = try #require(try await house.get("/query?content=farewell").json["data"]?.array?.first?.string)
        #expect(try await house.send(.delete, "/meme/\(id)").status == 200)
        #expect(try await house.get("/query?content=farewell").json["data"] == [])
        #expect(try await house.get("/meme/\(id)").status == 404)
        #expect(try await house.get(String(address.dropFirst("http://memes.test".count))).status == 404)
        #expect(try await house.send(.delete, "/meme/\(id)").status == 404)
        #expect(try await house.get("/meme/not-an-id").json["code"] == 404)
    }

    @Test("a picture that Images deletes takes its meme along", arguments: DatabaseBackend.allCases)
    func pictureDeletedByImages(backend: DatabaseBackend) async throws {
        let house = try await MemeHouse(backend: backend, principal: .administrator)
        let id = try await house.add("farewell")
        let other = try await house.add("stays here")
        #expect(try await house.send(.delete, "/api/v1/images/\(id)").status == 200)
        #expect(try await house.get("/query?content=farewell").json["data"] == [])
        #expect(
            try await house.get("/meme").json["data"]?.array?.compactMap { $0["id"]?.string } == [other.description]
        )
        #expect(try await house.get("/meme/\(id)").status == 404)
        let again = try await house.memes.add(house.picture("farewell"), name: "a.png")
        #expect(again.isNew && again.id != id)
    }

    @Test("likes move a meme a little", arguments: DatabaseBackend.allCases)
    func likes(backend: DatabaseBackend) async throws {
        let house = try await MemeHouse(backend: backend)
        let ids = [try await house.add("same words here"), try await house.add("same words here again")]
        let before = try await house.get("/query?content=same+words&explain=1").json["hits"]?.array ?? []
        let last = try #require(before.last?["id"]?.string)
        for _ in 0..<50 {
            let body: JSON = ["query": "same words", "id": JSON(last), "kind": "like"]
            #expect(try await house.send(.post, "/feedback", body).status == 200)
        }
        try await house.memes.readIndex()
        let after = try await house.get("/query?content=same+words&explain=1").json["hits"]?.array ?? []
        #expect(Set(after.compactMap { $0["id"]?.string }) == Set(ids.map(\.description)))
        let scores = { (hits: [JSON]) in hits.first { $0["id"]?.string == last }?["score"]?.number ?? .nan }
        let moved = scores(after) - scores(before)
        #expect(moved > 0 && moved <= 0.05 + 1e-9)
        #expect(try await house.send(.post, "/feedback", ["id": JSON(last), "kind": "love"]).status == 422)
        #expect(try await house.send(.post, "/feedback", ["id": "x", "kind": "like"]).status == 404)
    }

    @Test func wordsHaveTheirPlaces() async throws {
        let house = try await MemeHouse()
        let id = try await house.add("left right")
        let words = try #require(try await house.get("/meme/\(id)/words").json["data"]?["words"]?.array)
        #expect(words.compactMap { $0["text"]?.string } == ["left", "right"])
        #expect(words[1]["box"] == [10, 0, 10, 10])
    }

    @Test func listShowsTheNewestFirstPageByPage() async throws {
        let house = try await MemeHouse()
        var ids: [String] = []
        for words in ["one", "two", "three"] { ids.append(try await house.add(words).description) }
        let first = try await house.get("/meme?n=2").json
        #expect(first["data"]?.array?.compactMap { $0["id"]?.string } == [ids[2], ids[1]])
        let cursor = try #require(first["cursor"]?.string)
        let second = try await house.get("/meme?n=2&cursor=\(cursor)").json
        #expect(second["data"]?.array?.compactMap { $0["id"]?.string } == [ids[0]])
        #expect(try await house.get("/meme?status=partial").json["data"] == [])
        #expect(try await house.get("/meme?status=odd").status == 422)
    }
}
