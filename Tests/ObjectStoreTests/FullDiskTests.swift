import Foundation
import Kernel
import ObjectStore
import TestSupport
import Testing

/// A disk that fills up, for real.
@Suite(.timeLimit(.minutes(5))) struct FullDiskTests {
    private let disk: SmallDisk
    private let store: LocalObjectStore

    init() async throws {
        disk = try await SmallDisk(bytes: 1 << 20)
        store = try .open(root: disk.path + "/objects")
    }

    private func incomingCount() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: disk.path + "/objects/.incoming").count
    }

    @Test func aFullDiskIs507AndLeavesNothingHalfWritten() async throws {
        try await store.put(pattern(500_000), at: key("kept"))
        let error = await #expect(throws: StorageError.full) {
            try await store.put(pattern(800_000), at: key("folder/new"))
        }
        #expect(error?.status == 507)
        #expect(error?.isPermanent == false)
        await #expect(throws: StorageError.notFound) { try await store.get(key("folder/new")) }
        #expect(try await store.list(prefix: "").objects.map(\.key.text) == ["kept"])
        #expect(try incomingCount() == 0)
        #expect(try await store.get(key("kept")) == pattern(500_000))
    }

    @Test func anOverwriteThatFailsLeavesTheOldObject() async throws {
        try await store.put(pattern(600_000, seed: 1), at: key("a"))
        await #expect(throws: StorageError.full) { try await store.put(pattern(600_000, seed: 2), at: key("a")) }
        #expect(try await store.get(key("a")) == pattern(600_000, seed: 1))
    }

    @Test func afterRoomWasMadeItWorksAgain() async throws {
        try await store.put(pattern(700_000), at: key("a"))
        await #expect(throws: StorageError.full) { try await store.put(pattern(700_000), at: key("b")) }
        try await store.delete(key("a"))
        try await store.put(pattern(700_000), at: key("b"))
        #expect(try await store.get(key("b")) == pattern(700_000))
    }

    @Test func aFileFromAnotherDiskIsCopiedAndStaysWhenThereIsNoRoom() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/upload"
        try Data(pattern(700_000)).write(to: URL(filePath: path))
        try await store.putFile(path, at: key("small"), moving: true)
        #expect(!FileManager.default.fileExists(atPath: path))
        try Data(pattern(700_000)).write(to: URL(filePath: path))
        await #expect(throws: StorageError.full) { try await store.putFile(path, at: key("more"), moving: true) }
        #expect(FileManager.default.fileExists(atPath: path))
        #expect(try incomingCount() == 0)
        #expect(try await store.list(prefix: "").objects.map(\.key.text) == ["small"])
    }

    @Test func theRoomThatIsLeftIsTold() async throws {
        let before = try #require(try await store.space())
        #expect(before.total == 1 << 20)
        try await store.put(pattern(512 << 10), at: key("a"))
        let after = try #require(try await store.space())
        #expect(before.free - after.free >= 512 << 10)
        await #expect(throws: StorageError.full) { try await store.put(pattern(after.free + 1), at: key("b")) }
    }
}
