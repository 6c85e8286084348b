import Accounts
import FoundationEssentials
import HTTPServer
import Kernel
import TestSupport
import Testing

@testable import Memes

/// Searching with more than a word, and the clients of other libraries.
@Suite(.timeLimit(.minutes(5))) struct SearchRouteTests {
    @Test func clientsOfOtherLibrariesGetTheirResults() async throws {
        let house = try await MemeHouse()
        let id = try await house.add("cats run the world")
        let posted = try await house.send(.post, "/search", ["query": "cats", "n_results": 3])
        #expect(posted.status == 200)
        let results = try #require(posted.json["results"]?.array)
        #expect(results.count == 1 && results[0].string?.contains(id.description) == true)
        let got = try await house.get("/search?q=cats&n=3")
        #expect(got.json["code"] == 200)
        #expect(got.json["data"]?.array?.count == 1)
    }

    @Test func whatFitsBadlyIsLeftOutUnlessAskedFor() async throws {
        let house = try await MemeHouse()
        try await house.add("completely unrelated words here")
        let body: JSON = ["query": "quantum chromodynamics herring"]
        #expect(try await house.send(.post, "/search", body).json["hits"] == [])
    }

    @Test func aScoreMayBeTheLeast() async throws {
        let house = try await MemeHouse()
        let best = try await house.add("monday again")
        try await house.add("monday is the longest and most boring day of all weeks")
        let all = try #require(try await house.get("/query?content=monday+again&explain=1").json["hits"]?.array)
        let scores = all.compactMap { $0["score"]?.number }
        #expect(scores.count == 2 && scores[0] > scores[1])
        let least = (scores[0] + scores[1]) / 2
        let found = try await house.get("/query?content=monday+again&format=id&min=\(least)")
        #expect(found.json["data"] == [.string(best.description)])
        let posted = try await house.send(.post, "/search", ["query": "monday again", "min": .number(least)])
        #expect(posted.json["hits"]?.array?.count == 1)
        for refused in ["x", "-1", "2", "nan"] {
            #expect(try await house.get("/query?content=a&min=\(refused)").status == 422)
        }
    }

    @Test func theLanguageOfTheWordsIsAFilter() async throws {
        let house = try await MemeHouse()
        let english = try await house.add("when the cat is on the table")
        let german = try await house.add("wenn die cat auf dem tisch ist")
        for (language, id) in [("en", english), ("de", german), ("de-AT", german)] {
            let found = try await house.get("/query?content=cat&format=id&lang=\(language)")
            #expect(found.json["data"] == [.string(id.description)])
        }
        #expect(try await house.get("/query?content=cat+lang:fr&format=id").json["data"] == [])
        let both = try await house.send(.post, "/search", ["query": "cat", "lang": ["en", "de"], "min": "none"])
        #expect(both.json["hits"]?.array?.count == 2)
    }

    @Test func aCopyNamesTheOlderMeme() async throws {
        let house = try await MemeHouse()
        let first = try await house.add("such copy", name: "first.png")
        let other = try await house.add("something else entirely")
        let copy = try await house.add("such copy", name: "second.png", encoding: 1)
        #expect(try await house.get("/meme/\(copy)").json["data"]?["duplicate_of"] == .string(first.description))
        for id in [first, other] { #expect(try await house.get("/meme/\(id)").json["data"]?["duplicate_of"] == .null) }
        #expect(try await house.memes.copies(among: [first, other, copy]) == [copy: "first.png"])
        #expect(try await house.get("/memes/\(copy)").text.contains("is here already"))
        #expect(try await !house.get("/memes/\(first)").text.contains("is here already"))
        try await house.memes.delete(first, actor: "test")
        #expect(try await house.get("/meme/\(copy)").json["data"]?["duplicate_of"] == .null)
    }

    @Test func negativeTermMovesMemesDown() async throws {
        let house = try await MemeHouse()
        let dog = try await house.add("cat and dog fight dog")
        let cat = try await house.add("cat and mouse play")
        let body: JSON = [
            "terms": [["text": "cat", "weight": 1], ["text": "dog", "weight": -1]], "min": "none",
        ]
        let hits = try #require(try await house.send(.post, "/search", body).json["hits"]?.array)
        #expect(hits.compactMap { $0["id"]?.string } == [cat.description, dog.description])
    }

    @Test func aPictureFindsItself() async throws {
        let house = try await MemeHouse()
        let id = try await house.add("look at me")
        try await house.add("something else")
        let file = Data(house.picture("look at me")).base64EncodedString()
        for image in [file, id.description] {
            let answer = try await house.send(.post, "/search", ["image": JSON(image)])
            #expect(answer.json["hits"]?.array?.first?["id"]?.string == id.description, "\(answer.text.prefix(300))")
        }
        let similar = try await house.get("/similar/\(id)")
        #expect(similar.status == 200)
        #expect(similar.json["data"]?.array?.contains { $0["id"]?.string == id.description } == false)
    }

    static let refused: [JSON] = [
        [], "text", [:], ["query": 5], ["query": ""], ["query": "a", "n": 0], ["query": "a", "n_results": 101],
        ["query": "a", "n": 1.5], ["terms": "x"], ["terms": [["text": "a", "weight": 0]]],
        ["terms": [["text": "a", "weight": 3]]], ["terms": [[:]]], ["image": 5], ["image": "no base64!"],
        ["query": "a", "collapse": "x"], ["query": "a", "ratio": "::"], ["query": "a", "min": "x"],
        ["query": "a", "n": 5, "n_results": 101], ["query": "a", "content": " "],
        ["query": "a", "min": 1.5], ["query": "a", "min": "-0.1"], ["query": "a", "min": true],
        ["query": "a", "collapse": 1], ["query": "a", "exclude": "x"],
        ["query": "a", "exclude": [1]], ["query": "a", "tag": ["b", 1]], ["query": "a", "lib": 1],
        ["terms": [["text": "a", "weight": "x"]]],
    ]

    @Test("a body that says nothing is 422", arguments: refused)
    func refusals(body: JSON) async throws {
        let answer = try await MemeHouse().send(.post, "/search", body)
        #expect(answer.status == 422)
        #expect(answer.json["code"] == 422)
    }

    @Test func fileThatIsNoPictureIsRefused() async throws {
        let answer = try await MemeHouse().send(.post, "/search", ["image": "aGVsbG8gd29ybGQ="])
        #expect(answer.status == 415)
        #expect(answer.json["code"] == 415)
    }

    @Test func suggestionsAreWordsOfTheLibrary() async throws {
        let house = try await MemeHouse()
        try await house.add("monday money monkey")
        let words = try #require(try await house.get("/suggest?q=mon").json["data"]?.array?.compactMap(\.string))
        #expect(Set(words) == ["monday", "money", "monkey"])
    }
}
