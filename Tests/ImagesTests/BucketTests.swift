import Kernel
import Testing

@testable import Images

@Suite struct BucketTests {
    @Test(
        "names of the grammar are read and written alike",
        arguments: [
            "test-uploads", "A_1", "org-acme/groups/g1/", "org-acme/users/u-1/", "org-acme/system/", "groups/g/",
            "users/u/", "system/",
        ],
    )
    func readsAndWrites(text: String) throws {
        #expect(try Bucket(text, strict: false).description == text)
    }

    @Test(
        "everything else is refused",
        arguments: [
            "", ".", "..", "/", "a/", "/a", "a/b", "a b", "ä", "org-/system/", "org-a/system", "org-a/users/",
            "org-a/users/u", "org-a/users/u/x/", "org-a//users/u/", "users/../", "groups/a.b/", "org-a/", "system//",
            "a\0", "a\n", String(repeating: "a", count: 256),
        ],
    )
    func refuses(text: String) {
        #expect(throws: ImagesError.badBucket(text)) { try Bucket(text, strict: false) }
    }

    @Test func strictGrammarTurnsPlainNamesOff() throws {
        #expect(throws: ImagesError.badBucket("plain")) { try Bucket("plain", strict: true) }
        #expect(try Bucket("users/u/", strict: true).space == .user("u"))
    }

    /// Whatever the text, what is accepted makes a path of plain segments: nothing can leave the store's root.
    @Test func acceptedNamesNeverEscape() {
        let alphabet = Array("a./-_%\\\0 ~orgusers")
        var generator = SplitMix(state: 7)
        for _ in 0..<20_000 {
            let text = String(
                (0..<Int.random(in: 0...14, using: &generator)).map { _ in
                    alphabet.randomElement(using: &generator) ?? "a"
                }
            )
            guard let bucket = try? Bucket(text, strict: false) else { continue }
            let segments = bucket.path.split(separator: "/", omittingEmptySubsequences: false)
            #expect(segments.allSatisfy { !$0.isEmpty && !$0.contains(".") && !$0.contains("\\") }, "\(text)")
        }
    }
}
