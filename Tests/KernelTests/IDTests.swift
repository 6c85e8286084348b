import Foundation
import Kernel
import Testing

private enum Thing {}

@Suite struct IDTests {
    @Test("ids made one after another sort in the order they were made, as values and as text")
    func order() {
        let ids = (0..<20_000).map { _ in ID<Thing>() }
        let texts = ids.map(\.description)
        #expect(zip(texts, texts.dropFirst()).allSatisfy { $0 < $1 })
        #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test("ids made on many threads at once are all different")
    func unique() async {
        let all = await withTaskGroup(of: [ID<Thing>].self) { group in
            for _ in 0..<16 { group.addTask { (0..<2000).map { _ in ID() } } }
            return await group.reduce(into: Set()) { $0.formUnion($1) }
        }
        #expect(all.count == 32_000)
    }

    @Test("a new id is a UUID of version 7 that begins with the time")
    func version7() throws {
        let before = Timestamp.now().milliseconds
        let text = ID<Thing>().description
        let after = Timestamp.now().milliseconds
        #expect(text.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
        let time = try #require(Int64(text.replacing("-", with: "").prefix(12), radix: 16))
        // Floods of ids in one millisecond borrow from the next ones.
        #expect((before...after + 1000).contains(time))
    }

    @Test("the 36-character form of any version is read, in either case")
    func reads() throws {
        let text = "3F2504E0-4f89-41d3-9a0c-0305e82c3301"
        let id = try #require(ID<Thing>(text))
        #expect(id.description == text.lowercased())
        #expect(ID<Thing>(id.description) == id)
    }

    @Test(
        "nothing else is read",
        arguments: [
            "", "3f2504e04f8941d39a0c0305e82c3301", "3f2504e0-4f89-41d3-9a0c-0305e82c330", "../../../../etc/passwd",
            "3f2504e0-4f89-41d3-9a0c-0305e82c330g", "{3f2504e0-4f89-41d3-9a0c-0305e82c33}",
            "3f2504e0-4f89-41d3-9a0c-0305e82c3301 ", "3f2504e-04f89-41d3-9a0c-0305e82c3301",
        ],
    )
    func refuses(text: String) { #expect(ID<Thing>(text) == nil) }

    @Test("in JSON an id is its text")
    func codable() throws {
        let id = ID<Thing>()
        let data = try JSONEncoder().encode([id])
        #expect(String(decoding: data, as: UTF8.self) == "[\"\(id)\"]")
        #expect(try JSONDecoder().decode([ID<Thing>].self, from: data) == [id])
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([ID<Thing>].self, from: Data("[\"x\"]".utf8)) }
    }
}
