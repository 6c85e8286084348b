import Foundation
import Glibc
import Kernel
import TestSupport
import Testing

@testable import ObjectStore

/// Folders of this machine, with whatever may lie in them.
@Suite struct LocalObjectSourceTests {
    private let folder: TemporaryFolder
    private let pool = WorkPool(name: "test", width: 1, limit: 10)

    init() throws { folder = try TemporaryFolder() }

    private func write(_ name: String, _ text: String = "x") throws {
        let url = URL(filePath: "\(folder.path)/\(name)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    private func source(_ name: String = "root") throws -> LocalObjectSource {
        try LocalObjectSource(path: "\(folder.path)/\(name)", roots: ["\(folder.path)/root"], pool: pool)
    }

    @Test func everyFileIsListedOnceInTheOrderOfItsBytes() async throws {
        let names = ["a", "a-b", "a.c/d", "b/ä", "b/e\u{301}", "b/é", "b/.hidden", "Z", "b b"]
        for name in names { try write("root/\(name)") }
        let expected = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        for limit in [1, 2, 1000] {
            var (keys, last): ([String], String?) = ([], nil)
            repeat {
                let page = try await source().list(after: last, limit: limit)
                keys += page.objects.map(\.key)
                last = page.next
            } while last != nil
            #expect(keys.map { Array($0.utf8) } == expected.map { Array($0.utf8) })
        }
    }

    @Test func nothingOutsideIsReached() async throws {
        try write("secret", "secret")
        try write("root/a", "a")
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder.path)/root/link",
            withDestinationPath: "\(folder.path)/secret",
        )
        try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/root/up", withDestinationPath: folder.path)
        #expect(mkfifo("\(folder.path)/root/pipe", 0o600) == 0)
        let source = try source()
        #expect(try await source.list(after: nil, limit: 10).objects.map(\.key) == ["a"])
        #expect(try await source.get("a", limit: 10) == Array("a".utf8))
        for key in ["link", "up/secret", "../secret", "pipe", "", "a/", "/a", "none"] {
            await #expect(throws: SourceError.notFound, "\(key)") { try await source.get(key, limit: 10) }
        }
    }

    @Test func onlyFoldersBelowTheRootsOpen() throws {
        try write("root/in/a")
        try write("rootless/a")
        _ = try source("root/in")
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder.path)/root/out",
            withDestinationPath: "\(folder.path)/rootless",
        )
        #expect(throws: SourceError.self) { try source("rootless") }
        #expect(throws: SourceError.self) { try source("root/out") }
        #expect(throws: SourceError.self) { try source("root/../rootless") }
        #expect(throws: SourceError.notFound) { try source("root/none") }
    }

    @Test func aFileThatIsTooLargeIsNotRead() async throws {
        try write("root/a", "12345")
        #expect(try await source().get("a", limit: 5).count == 5)
        await #expect(throws: SourceError.tooLarge(limitBytes: 4)) { try await source().get("a", limit: 4) }
    }
}
