import ObjectStore
import TestSupport
import Testing

/// The promises of listings, for every implementation.
@Suite(.timeLimit(.minutes(5))) struct ListingContractTests {
    private static let names = [
        "a-b/x", "a.b", "a/b", "a/c/1", "a/c/10", "a/c/2", "a/c0", "a0/x", "b", "c/d/e/f/g", "c/d.e",
    ]

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func filled(_ backend: Backend) async throws -> any ObjectStore {
        let store = try await backend.make(in: folder)
        for (size, name) in Self.names.shuffled().enumerated() {
            try await store.put(pattern(size), at: key(name))
        }
        return store
    }

    @Test(arguments: Backend.allCases)
    func keysComeInTheOrderOfTheirBytes(_ backend: Backend) async throws {
        let page = try await filled(backend).list(prefix: "")
        #expect(page.objects.map(\.key.text) == Self.names.sorted())
        #expect(page.next == nil)
        #expect(Set(page.objects.map(\.size)) == Set(0..<Self.names.count))
    }

    @Test(arguments: Backend.allCases, [1, 2, 3, 10, 11, 12])
    func pagesJoinToTheWhole(_ backend: Backend, limit: Int) async throws {
        let store = try await filled(backend)
        var seen: [String] = []
        var last: ObjectKey?
        repeat {
            let page = try await store.list(prefix: "", after: last, limit: limit)
            #expect(page.objects.count == min(limit, Self.names.count - seen.count))
            seen += page.objects.map(\.key.text)
            last = page.next
        } while last != nil
        #expect(seen == Self.names.sorted())
    }

    @Test(arguments: Backend.allCases, ["a", "a/", "a/c", "a/c/1", "a/c/", "c/d", "nothing", "b/", "a//", "../", "/"])
    func aPrefixIsAnyText(_ backend: Backend, prefix: String) async throws {
        let page = try await filled(backend).list(prefix: prefix)
        #expect(page.objects.map(\.key.text) == Self.names.filter { $0.hasPrefix(prefix) }.sorted())
    }

    @Test(arguments: Backend.allCases, ["0", "a/c/1", "a/c/15", "a/zzz", "c/d/e", "zz", "a-b"])
    func theKeyToBeginAfterNeedNotExist(_ backend: Backend, after: String) async throws {
        let page = try await filled(backend).list(prefix: "", after: key(after), limit: 1000)
        #expect(page.objects.map(\.key.text) == Self.names.filter { $0 > after }.sorted())
    }

    @Test(arguments: Backend.allCases)
    func aPrefixIsDeletedAndTheRestStays(_ backend: Backend) async throws {
        let store = try await filled(backend)
        #expect(try await store.deleteAll(prefix: "a/c/") == 3)
        #expect(try await store.deleteAll(prefix: "a/c/") == 0)
        #expect(try await store.list(prefix: "a/").objects.map(\.key.text) == ["a/b", "a/c0"])
    }

    @Test(arguments: Backend.allCases)
    func moreThanAPageIsDeleted(_ backend: Backend) async throws {
        let store = try await backend.make(in: folder)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<1100 { group.addTask { try await store.put([], at: key("many/\(index)")) } }
            try await group.waitForAll()
        }
        #expect(try await store.list(prefix: "many/", limit: 5000).objects.count == 1000)
        #expect(try await store.deleteAll(prefix: "many/") == 1100)
        #expect(try await store.list(prefix: "").objects.isEmpty)
    }
}
