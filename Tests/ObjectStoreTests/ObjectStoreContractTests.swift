import FoundationEssentials
import Kernel
import ObjectStore
import TestSupport
import Testing

/// What every implementation must do.
@Suite(.timeLimit(.minutes(5))) struct ObjectStoreContractTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: Backend.allCases, [0, 1, 4095, 4096, 3_000_001])
    func whatGoesInComesOut(_ backend: Backend, size: Int) async throws {
        let store = try await backend.make(in: folder)
        let bytes = pattern(size)
        try await store.put(bytes, at: key("a/b/c.bin"))
        #expect(try await store.get(key("a/b/c.bin")) == bytes)
        #expect(try await store.info(key("a/b/c.bin")).size == size)
    }

    @Test(arguments: Backend.allCases)
    func anObjectKnowsWhenItWasStored(_ backend: Backend) async throws {
        let store = try await backend.make(in: folder)
        let before = Timestamp.now()
        try await store.put([1], at: key("a"))
        let modified = try await store.info(key("a")).modified
        // File systems stamp with the clock's last tick, S3 with whole seconds.
        #expect(modified >= before - .seconds(2) && modified <= Timestamp.now() + .seconds(2))
    }

    @Test(arguments: Backend.allCases)
    func aSecondPutReplacesTheFirst(_ backend: Backend) async throws {
        let store = try await backend.make(in: folder)
        try await store.put(pattern(5000), at: key("a"))
        try await store.put([9], at: key("a"))
        #expect(try await store.get(key("a")) == [9])
    }

    @Test(arguments: Backend.allCases)
    func rangesAreCutAtTheEnd(_ backend: Backend) async throws {
        let store = try await backend.make(in: folder)
        let bytes = pattern(10_000)
        try await store.put(bytes, at: key("a"))
        #expect(try await store.get(key("a"), range: 0..<1) == Array(bytes[0..<1]))
        #expect(try await store.get(key("a"), range: 5000..<7500) == Array(bytes[5000..<7500]))
        #expect(try await store.get(key("a"), range: 9999..<20_000) == Array(bytes[9999...]))
        await #expect(throws: StorageError.outOfRange(size: 10_000)) {
            try await store.get(key("a"), range: 10_000..<10_001)
        }
        await #expect(throws: StorageError.notFound) { try await store.get(key("b"), range: 0..<1) }
    }

    @Test(arguments: Backend.allCases)
    func whatIsNotThereIsNotFound(_ backend: Backend) async throws {
        let store = try await backend.make(in: folder)
        try await store.put([1], at: key("folder/object"))
        for name in ["missing", "missing/too", "folder"] {
            await #expect(throws: StorageError.notFound) { try await store.get(key(name)) }
            await #expect(throws: StorageError.notFound) { try await store.info(key(name)) }
            #expect(try await !store.delete(key(name)))
        }
        #expect(try await store.get(key("folder/object")) == [1])
    }

    @Test(arguments: Backend.allCases)
    func aDeletedObjectIsGoneAndItsNeighbourStays(_ backend: Backend) async throws {
        let store = try await backend.make(in: folder)
        try await store.put([1], at: key("a/b/one"))
        try await store.put([2], at: key("a/b/two"))
        #expect(try await store.delete(key("a/b/one")))
        #expect(try await !store.delete(key("a/b/one")))
        await #expect(throws: StorageError.notFound) { try await store.get(key("a/b/one")) }
        #expect(try await store.get(key("a/b/two")) == [2])
    }

    @Test(arguments: Backend.allCases)
    func manyAreRemovedTogether(_ backend: Backend) async throws {
        let store = try await backend.make(in: folder)
        for name in ["a/b/one", "a/b/two", "a/c/one", "top", "d/one"] { try await store.put([1], at: key(name)) }
        let names = ["a/b/one", "a/b/two", "top", "missing", "d/missing", "a", "top/below"]
        #expect(try await store.delete(names.map(key)) == 3)
        #expect(try await store.list(prefix: "").objects.map(\.key.text) == ["a/c/one", "d/one"])
        try await store.put([2], at: key("a/b/one"))
        #expect(try await store.get(key("a/b/one")) == [2])
        #expect(try await store.deleteAll(prefixes: ["a/", "x/y/", "d/on"]) == 3)
        #expect(try await store.list(prefix: "").objects.isEmpty)
        #expect(try await store.delete([]) == 0)
        await #expect(throws: StorageError.badKey) { try await store.delete([key("a"), ObjectKey(unchecked: "../x")]) }
    }

    @Test(arguments: Backend.allCases)
    func whatIsStoredWhileOthersAreRemovedStays(_ backend: Backend) async throws {
        let store = try await backend.make(in: folder)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<4 {
                group.addTask {
                    for round in 0..<40 {
                        try await store.put([1], at: key("shared/\(lane)/kept-\(round)"))
                        try await store.put([1], at: key("shared/\(lane)/gone"))
                        try await store.delete([key("shared/\(lane)/gone"), key("shared/\((lane + 1) % 4)/gone")])
                        _ = try await store.delete(key("shared/\(lane)/kept-\(round)"))
                        try await store.put([2], at: key("shared/\(lane)/kept-\(round)"))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await store.list(prefix: "shared/").objects.count { $0.key.text.contains("kept") } == 160)
    }

    @Test(arguments: Backend.allCases, ["../x", "/etc/passwd", "a/../../x", "", "a//b", ".incoming/x"])
    func aKeyThatIsNoneReachesNothing(_ backend: Backend, text: String) async throws {
        let store = try await backend.make(in: folder)
        let bad = ObjectKey(unchecked: text)
        await #expect(throws: StorageError.badKey) { try await store.put([1], at: bad) }
        await #expect(throws: StorageError.badKey) { try await store.get(bad) }
        await #expect(throws: StorageError.badKey) { try await store.info(bad) }
        await #expect(throws: StorageError.badKey) { try await store.delete(bad) }
        #expect(store.localPath(bad) == nil)
        #expect(try await store.list(prefix: "").objects.isEmpty)
    }

    @Test(arguments: Backend.allCases, [true, false])
    func aFileGoesIn(_ backend: Backend, moving: Bool) async throws {
        let store = try await backend.make(in: folder)
        let path = folder.path + "/upload"
        let bytes = pattern(2_500_000)
        try Data(bytes).write(to: URL(filePath: path))
        try await store.putFile(path, at: key("x/y"), moving: moving)
        #expect(try await store.get(key("x/y")) == bytes)
        #expect(FileManager.default.fileExists(atPath: path) == !moving)
    }

    @Test(arguments: Backend.allCases)
    func aMissingFileIsNotFound(_ backend: Backend) async throws {
        let store = try await backend.make(in: folder)
        for moving in [true, false] {
            await #expect(throws: StorageError.notFound) {
                try await store.putFile("/nowhere/at/all", at: key("x"), moving: moving)
            }
        }
        #expect(try await store.list(prefix: "").objects.isEmpty)
    }

    @Test(arguments: Backend.allCases)
    func theStoreIsHealthyAndHasRoom(_ backend: Backend) async throws {
        let store = try await backend.make(in: folder)
        try await store.check()
        if let space = try await store.space() {
            #expect(space.free > 0 && space.free <= space.total)
        }
        #expect(try await store.list(prefix: "").objects.isEmpty)
    }

    @Test(arguments: Backend.allCases)
    func concurrentPutsOfOneKeyLeaveOneWholeObject(_ backend: Backend) async throws {
        let store = try await backend.make(in: folder)
        let candidates = (1...16).map { pattern(100_000 + $0, seed: $0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for bytes in candidates { group.addTask { try await store.put(bytes, at: key("a/b")) } }
            try await group.waitForAll()
        }
        let stored = try await store.get(key("a/b"))
        #expect(candidates.contains(stored))
        #expect(try await store.list(prefix: "").objects.map(\.key) == [key("a/b")])
    }

    @Test(arguments: Backend.allCases)
    func aReaderSeesTheOldObjectOrTheNewOne(_ backend: Backend) async throws {
        let store = try await backend.make(in: folder)
        let versions = [pattern(300_000, seed: 1), pattern(200_000, seed: 2)]
        try await store.put(versions[0], at: key("a"))
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                for round in 1...40 { try await store.put(versions[round % 2], at: key("a")) }
                return true
            }
            for _ in 0..<3 {
                group.addTask {
                    for _ in 0..<60 {
                        let bytes = try await store.get(key("a"))
                        guard versions.contains(bytes) else { return false }
                    }
                    return true
                }
            }
            for try await isWhole in group { #expect(isWhole) }
        }
    }

    /// Each task fills and empties the same folder, so that folders vanish while others are about to write into them.
    @Test(arguments: Backend.allCases)
    func foldersThatComeAndGoLoseNoPut(_ backend: Backend) async throws {
        let store = try await backend.make(in: folder)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    let own = try key("deep/er/folder/\(task)")
                    for round in 0..<40 {
                        try await store.put([UInt8(round)], at: own)
                        #expect(try await store.get(own) == [UInt8(round)])
                        #expect(try await store.delete(own))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await store.list(prefix: "").objects.isEmpty)
    }
}
