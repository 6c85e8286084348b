import HTTPServer
import Kernel
import TestSupport
import Testing

@testable import Memes

/// The pages as the server draws them; what scripts make of them is tested in `Tests/Browser`.
@Suite(.timeLimit(.minutes(5))) struct MemePageTests {
    private let browser: Headers = ["Accept": "text/html"]

    @Test("a search marks the words that answer it, and says why it found them", arguments: DatabaseBackend.allCases)
    func found(backend: DatabaseBackend) async throws {
        let house = try await MemeHouse(backend: backend)
        let wanted = try await house.add("tired on monday")
        try await house.add("coffee is ready")
        let page = try await house.get("/memes?q=monday&explain=1", headers: browser).text
        #expect(page.contains("1 meme fits"))
        #expect(page.contains("data-meme=\"\(wanted)\""))
        #expect(page.components(of: "<rect ") == 1)
        #expect(page.contains("class=\"sum\""))
        let plain = try await house.get("/memes?q=monday", headers: browser).text
        #expect(!plain.contains("class=\"sum\""))
    }

    @Test func whileSomebodyTypesTheLastWordMayBeUnfinished() async throws {
        let house = try await MemeHouse { $0.rateLimit = 1 }
        let wanted = try await house.add("tired on wednesday")
        for _ in 0..<3 {
            let part = try await house.get("/memes/found?q=tired+on+wedn", headers: browser)
            #expect(part.status == 200)
            #expect(part.text.contains("data-meme=\"\(wanted)\""))
            #expect(!part.text.contains("<html"))
        }
    }

    @Test("the newest come first, page by page, with and without filters", arguments: DatabaseBackend.allCases)
    func newest(backend: DatabaseBackend) async throws {
        let house = try await MemeHouse(backend: backend)
        var ids: [ID<Meme>] = []
        for number in 0..<SearchPlace.page + 2 { ids.append(try await house.add("number \(number)", library: "all")) }
        for filter in ["", "lib=all&"] {
            let first = try await house.get("/memes?\(filter)", headers: browser).text
            #expect(shown(first) == ids.reversed().prefix(SearchPlace.page).map(\.description))
            let last = try #require(shown(first).last)
            #expect(first.contains("before=\(last)\""))
            let second = try await house.get("/memes?\(filter)before=\(last)", headers: browser).text
            #expect(shown(second) == ids.prefix(2).reversed().map(\.description))
        }
    }

    @Test("whoever finds nothing is told what the search cannot see", arguments: DatabaseBackend.allCases)
    func gaps(backend: DatabaseBackend) async throws {
        let house = try await MemeHouse(backend: backend)
        #expect(try await house.get("/memes", headers: browser).text.contains("No memes yet"))
        try await house.add("tired on monday")
        try await house.add("", name: "IMG_1.png")
        let page = try await house.get("/memes?q=%D0%B6%D1%83%D0%BA+zzyzx", headers: browser).text
        #expect(page.contains("well enough"))
        #expect(page.contains("1 meme has no words"))
        #expect(page.contains("apt install tesseract-ocr-rus"))
        #expect(page.contains("no embedding model"))
    }

    @Test("memes without words stand on the label page until they have some", arguments: DatabaseBackend.allCases)
    func label(backend: DatabaseBackend) async throws {
        let house = try await MemeHouse(backend: backend)
        try await house.add("tired on monday")
        let bare = try await house.add("", name: "IMG_1.png")
        #expect(shown(try await house.get("/memes/label", headers: browser).text) == [bare.description])
        _ = try await house.send(.patch, "/meme/\(bare)", ["tags": ["dusk"]])
        #expect(try await house.get("/memes/label", headers: browser).text.contains("Every meme has words"))
    }

    @Test func aMemeShowsWhoSaidWhatAndWhatHappened() async throws {
        let house = try await MemeHouse()
        let id = try await house.add("tired on monday")
        _ = try await house.send(.patch, "/meme/\(id)", ["title": "Mondays"])
        let page = try await house.get("/memes/\(id)", headers: browser).text
        #expect(page.contains("<h1>Mondays</h1>"))
        for words in ["read from the picture", "written by a person", "Its words were read", "test:a.png/tired"] {
            #expect(page.contains(words), "\(words)")
        }
        #expect(try await house.get("/memes/\(ID<Meme>())", headers: browser).status == 404)
    }

    @Test func whoMayOnlyLookSeesNothingToChange() async throws {
        let house = try await MemeHouse(principal: nil)
        let id = try await house.add("tired on monday")
        for path in ["/memes", "/memes/\(id)", "/memes/label"] {
            let page = try await house.get(path, headers: browser)
            #expect(page.status == 200)
            for part in ["Add memes", "data-action=\"remove\"", "data-part=\"texts\""] {
                #expect(!page.text.contains(part), "\(path) \(part)")
            }
        }
        #expect(try await house.get("/memes/pulls", headers: browser).status == 401)
    }

    /// What a stranger wrote, as words, name or query, must come back as text.
    @Test func nothingThatIsWrittenBecomesMarkup() async throws {
        let house = try await MemeHouse()
        let mark = "<img src=x onerror=alert(1)>"
        let id = try await house.add("tired", name: "\(mark)\".png")
        _ = try await house.send(.patch, "/meme/\(id)", ["title": JSON(mark), "tags": [JSON(mark)]])
        try await house.memes.readIndex()
        let query = "%3Cimg+src%3Dx+onerror%3Dalert(1)%3E"
        for path in [
            "/memes", "/memes/\(id)", "/memes?q=\(query)", "/memes?q=zz&tag=\(query)",
            "/memes/found?q=\(query)&min=none",
        ] {
            let page = try await house.get(path, headers: browser)
            #expect(page.status == 200, "\(path)")
            #expect(!page.text.contains("<img src=x"), "\(path)")
        }
    }

    private func shown(_ page: String) -> [String] {
        page.split(separator: "data-meme=\"").dropFirst().map { String($0.prefix(36)) }
    }
}

extension String {
    fileprivate func components(of part: String) -> Int {
        split(separator: part, omittingEmptySubsequences: false).count - 1
    }
}
