import HTTPServer
import Kernel
import TestSupport
import Testing

@testable import Memes

/// `GET /query` as the original's clients know it.
@Suite(.timeLimit(.minutes(5))) struct QueryTests {
    @Test func answerHasTheOriginalsShape() async throws {
        let house = try await MemeHouse(time: ManualTime())
        let id = try await house.add("tired on monday")
        let answer = try await house.get("/query?content=tired&n=5")
        #expect(answer.status == 200)
        #expect(answer.text.hasPrefix(#"{"code":200,"data":["http"#))
        let names = answer.text.matches(of: /"(\w+)":/).map { String($0.1) }
        #expect(names == ["code", "data", "msg", "uuid", "timestamp"])
        #expect(answer.json["code"] == 200)
        #expect(answer.json["msg"] == "")
        #expect(answer.json["timestamp"] == .integer(1_767_225_600))
        #expect(ID<Int>(try #require(answer.json["uuid"]?.string)) != nil)
        let data = try #require(answer.json["data"]?.array)
        #expect(data.count == 1)
        #expect(try #require(data[0].string).hasPrefix("http://memes.test/meme/\(id)/file?"))
    }

    @Test func eachAnswerHasAnIdOfItsOwn() async throws {
        let house = try await MemeHouse()
        let first = try await house.get("/query?content=a").json["uuid"]
        #expect(try await house.get("/query?content=a").json["uuid"] != first)
    }

    @Test("addresses need no header and give the original bytes")
    func addresses() async throws {
        let house = try await MemeHouse(principal: nil)
        try await house.add("the very bytes")
        let address = try #require(try await house.get("/query?content=bytes").json["data"]?.array?.first?.string)
        let path = String(address.dropFirst("http://memes.test".count))
        let file = try await house.get(path)
        #expect(file.status == 200)
        #expect(file.body == house.picture("the very bytes"))
        #expect(file.headers["Content-Type"] == "image/png")
        let bare = try await house.get(String(path.prefix { $0 != "?" }))
        #expect(bare.status == 401)
        #expect(try await house.get(path + "x").status == 403)
    }

    static let refused = [
        "", "content=", "content=%20%09", "content=a&n=0", "content=a&n=101", "content=a&n=x", "content=a&n=1.5",
        "content=\(String(repeating: "a", count: 501))", "content=a&format=xml", "content=a&collapse=maybe",
        "content=a&cursor=x", "content=a&color=", "content=a&min=high",
    ]

    @Test("what cannot be searched is 422 in the same envelope", arguments: refused)
    func refusals(query: String) async throws {
        let house = try await MemeHouse()
        let answer = try await house.get("/query?\(query)")
        #expect(answer.status == 422)
        #expect(answer.json["code"] == 422)
        #expect(answer.json["data"] == [])
        #expect(answer.json["msg"]?.string?.isEmpty == false)
    }

    @Test func fiveHundredCharactersAreAllowed() async throws {
        let house = try await MemeHouse()
        for character in ["a", "谈", "%F0%9F%98%80"] {
            let content = String(repeating: character, count: 500)
            #expect(try await house.get("/query?content=\(percent(content))").status == 200)
        }
    }

    static let hostile = [
        "\"", "\"\"", "*", "a*", "NEAR(", "NEAR(a b, 3)", "a AND", "NOT", "OR OR", "(", ")", "-", "--", "-\"", "color:",
        "color:,,", "tag:\"", "type:gif OR 1=1", "'; DROP TABLE meme; --", "%", "\\", "\u{0}", "\u{1}\u{2}", "\u{200B}",
        "😀😀😀", "🏳️‍🌈", "é", "\u{FEFF}x", "\u{202E}abc", "ratio:0:0", "ratio:1e999", "a:b:c:d", "{}[]^~", "\u{FFFD}",
        "<script>", "谈", "ａｂｃ",
    ]

    @Test("no text breaks a search", arguments: hostile)
    func hostileTexts(text: String) async throws {
        let house = try await MemeHouse()
        for repeated in [text, String(String(repeating: text + " ", count: 500).unicodeScalars.prefix(499))] {
            let target = "content=\(percent(repeated))"
            #expect([200, 422].contains(try await house.get("/query?\(target)&explain=1").status))
            #expect([200, 422].contains(try await house.get("/search?q=\(percent(repeated))").status))
            #expect([200, 422].contains(try await house.get("/suggest?q=\(percent(repeated))").status))
            #expect([200, 422].contains(try await house.send(.post, "/search", ["query": JSON(repeated)]).status))
        }
    }

    @Test func reasonsAddUpToTheScore() async throws {
        let house = try await MemeHouse()
        for words in ["tired on monday", "tired cat", "monday again and again"] { try await house.add(words) }
        let hits = try #require(try await house.get("/query?content=tired+mondy&explain=1").json["hits"]?.array)
        #expect(hits.count >= 2)
        for hit in hits {
            let sum = try #require(hit["legs"]?.array).reduce(0) { $0 + ($1["contribution"]?.number ?? .nan) }
            #expect(abs(sum - (hit["score"]?.number ?? .nan)) < 1e-6)
        }
        #expect(hits[0]["words"]?.array?.isEmpty == false)
    }

    @Test func filtersAndExclusionsHold() async throws {
        let house = try await MemeHouse()
        let cats = try await house.add("happy pet one", library: "cats")
        let dogs = try await house.add("happy pet two", library: "dogs")
        func found(_ query: String) async throws -> [String] {
            try await house.get("/query?content=happy+pet&format=id&\(query)").json["data"]?.array?.compactMap(\.string)
                ?? []
        }
        #expect(Set(try await found("")) == [cats.description, dogs.description])
        #expect(try await found("lib=dogs") == [dogs.description])
        #expect(try await found("exclude=\(cats)") == [dogs.description])
        #expect(try await found("type=gif").isEmpty)
        #expect(try await found("n=1").count == 1)
        let first = try await found("n=1")
        #expect(try await found("n=1&cursor=1") != first)
    }
}

/// Every byte that is no letter or digit as `%XX`.
private func percent(_ text: String) -> String {
    if text.hasPrefix("%F0") { return text }
    return text.utf8.map { byte in
        let isPlain = (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte)
        let digits = String(byte, radix: 16, uppercase: true)
        return isPlain ? String(UnicodeScalar(byte)) : "%" + (digits.count == 1 ? "0" : "") + digits
    }.joined()
}
