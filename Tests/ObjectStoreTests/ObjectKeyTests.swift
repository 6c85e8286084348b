import ObjectStore
import Testing

@Suite struct ObjectKeyTests {
    @Test(arguments: [
        "a", "a/b/c.webp", "images/users/u-1/0198_=.jpg", "0", "a..b", String(repeating: "a", count: 255),
        String(repeating: "abc/", count: 255) + "abcd",
    ])
    func keysOfTheGrammarAreTaken(_ text: String) {
        #expect(ObjectKey(text)?.text == text)
        #expect(ObjectKey(unchecked: text).isValid)
    }

    @Test(arguments: [
        "", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/..", "a/../b", "a/./b", ".incoming/x", "a/.hidden", "...",
        "a b", "a\\b", "a%2e", "a\0b", "a\nb", "å", "a:b", "~", "a?b", "\u{2024}\u{2024}/a",
        String(repeating: "a", count: 256), String(repeating: "abc/", count: 256) + "a",
    ])
    func everythingElseIsRefused(_ text: String) {
        #expect(ObjectKey(text) == nil)
        #expect(!ObjectKey(unchecked: text).isValid)
    }

    @Test func theOrderIsThatOfTheBytes() throws {
        let keys = ["a-b", "a.b", "a/b", "a0", "a=", "aA", "a_", "aa"].compactMap { ObjectKey($0) }
        #expect(keys.count == 8)
        #expect(keys.shuffled().sorted() == keys)
    }
}
