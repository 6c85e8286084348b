import Foundation
import Kernel
import Telemetry
import TestSupport
import Testing

@testable import ObjectStore

/// What is true of local files only.
@Suite(.timeLimit(.minutes(5))) struct LocalObjectStoreTests {
    private let folder: TemporaryFolder
    private let root: String
    private let store: LocalObjectStore
    private let metrics = Metrics()

    init() throws {
        folder = try TemporaryFolder()
        root = folder.path + "/data/objects"
        store = try .open(root: root + "/", metrics: metrics)
    }

    private func incoming() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root + "/.incoming")
    }

    @Test func theKeyIsThePath() async throws {
        try await store.put([1, 2], at: key("a/b"))
        #expect(try store.localPath(key("a/b")) == root + "/a/b")
        #expect(FileManager.default.contents(atPath: root + "/a/b") == Data([1, 2]))
        #expect(try incoming().isEmpty)
        #expect(try store.presign(key("a/b"), expires: .seconds(60)) == nil)
    }

    @Test func onlyTheServersUserWritesAndStrangersDoNotRead() async throws {
        try await store.put([1], at: key("a/b"))
        let path = folder.path + "/upload"
        try Data([1]).write(to: URL(filePath: path))
        try await store.putFile(path, at: key("a/moved"), moving: true)
        for name in ["a/b", "a/moved"] {
            let mode = try FileManager.default.attributesOfItem(atPath: "\(root)/\(name)")[.posixPermissions] as? Int
            #expect((mode ?? 0o777) & 0o027 == 0)
        }
    }

    @Test func emptyFoldersGoWithTheirLastObject() async throws {
        try await store.put([1], at: key("a/b/c/d"))
        try await store.put([1], at: key("a/x"))
        try await store.delete(key("a/b/c/d"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: root + "/a") == ["x"])
        try await store.delete([key("a/x")])
        #expect(try FileManager.default.contentsOfDirectory(atPath: root) == [".incoming"])
    }

    @Test func aKeyCannotBeAFolderAsWell() async throws {
        try await store.put([1], at: key("a/b"))
        await #expect(throws: StorageError.conflict) { try await store.put([1], at: key("a")) }
        await #expect(throws: StorageError.conflict) { try await store.put([1], at: key("a/b/c")) }
        #expect(try await store.get(key("a/b")) == [1])
        #expect(try incoming().isEmpty)
    }

    @Test func whatACrashLeftIsSweptAndWhatIsBeingWrittenIsNot() throws {
        let left = root + "/.incoming/left"
        try Data([1]).write(to: URL(filePath: left))
        let held = root + "/.incoming/held"
        let descriptor = open(held, O_CREAT | O_RDWR, 0o600)
        defer { close(descriptor) }
        #expect(flock(descriptor, LOCK_EX) == 0)
        _ = try LocalObjectStore.open(root: root)
        #expect(try incoming() == ["held"])
    }

    @Test func linksLeadNowhere() async throws {
        let outside = folder.path + "/outside"
        try FileManager.default.createDirectory(atPath: outside, withIntermediateDirectories: true)
        try Data([7]).write(to: URL(filePath: outside + "/secret"))
        try FileManager.default.createSymbolicLink(atPath: root + "/link", withDestinationPath: outside)
        try FileManager.default.createSymbolicLink(atPath: root + "/file", withDestinationPath: outside + "/secret")

        for name in ["link/secret", "file"] {
            await #expect(throws: StorageError.notFound) { try await store.get(key(name)) }
            await #expect(throws: StorageError.notFound) { try await store.info(key(name)) }
        }
        #expect(try await !store.delete(key("link/secret")))
        await #expect(throws: StorageError.conflict) { try await store.put([1], at: key("link/new")) }
        #expect(try await store.list(prefix: "").objects.isEmpty)
        #expect(try await store.list(prefix: "link/").objects.isEmpty)

        try await store.put([8], at: key("file"))
        #expect(FileManager.default.contents(atPath: outside + "/secret") == Data([7]))
        #expect(try FileManager.default.contentsOfDirectory(atPath: outside) == ["secret"])
    }

    @Test func aPipeInTheFolderStopsNobody() async throws {
        #expect(mkfifo(root + "/pipe", 0o600) == 0)
        await #expect(throws: StorageError.notFound) { try await store.get(key("pipe")) }
        #expect(try await store.list(prefix: "").objects.isEmpty)
    }

    @Test func onlyRegularFilesGoIn() async throws {
        let link = folder.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/etc/passwd")
        for path in [link, "/dev/zero", folder.path] {
            for moving in [true, false] {
                await #expect(throws: StorageError.self) {
                    try await store.putFile(path, at: key("x"), moving: moving)
                }
            }
        }
        #expect(try await store.list(prefix: "").objects.isEmpty)
        #expect(FileManager.default.fileExists(atPath: link))
    }

    @Test func aFileWithASecondNameIsCopied() async throws {
        let (path, other) = (folder.path + "/one", folder.path + "/two")
        try Data([1]).write(to: URL(filePath: path))
        try FileManager.default.linkItem(atPath: path, toPath: other)
        try await store.putFile(path, at: key("x"), moving: true)
        let handle = try #require(FileHandle(forWritingAtPath: other))
        try handle.write(contentsOf: [2])
        #expect(try await store.get(key("x")) == [1])
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func aMovedFileComesBackWhenItsPlaceIsTaken() async throws {
        try await store.put([1], at: key("a/b"))
        let path = folder.path + "/upload"
        try Data([5]).write(to: URL(filePath: path))
        await #expect(throws: StorageError.conflict) { try await store.putFile(path, at: key("a"), moving: true) }
        #expect(FileManager.default.contents(atPath: path) == Data([5]))
    }

    @Test func operationsAreCountedByResult() async throws {
        try await store.put([1], at: key("a"))
        _ = try? await store.get(key("b"))
        let operations = metrics.counter("storage_operations_total", "", labels: ["operation", "status"])
        #expect(operations.value("put", "ok") == 1)
        #expect(operations.value("get", "object_not_found") == 1)
        let durations = metrics.histogram("storage_operation_duration_seconds", "", labels: ["operation"])
        #expect(durations.count("put") == 1)
    }

    @Test func aFullLineIsRefusedAtOnce() async throws {
        let pool = WorkPool(name: "test", width: 1, limit: 1)
        let store = try LocalObjectStore.open(root: folder.path + "/other", pool: pool, metrics: metrics)
        let (begun, gate) = (AsyncStream<Void>.makeStream(), Semaphore())
        let blocker = Task {
            try await pool.run {
                begun.continuation.yield()
                gate.wait()
            }
        }
        for await _ in begun.stream { break }
        let waiting = Task { try await store.put([1], at: key("waiting")) }
        while pool.load.waiting == 0 { await Task.yield() }
        await #expect(throws: StorageError.busy) { try await store.put([1], at: key("refused")) }
        gate.signal()
        try await blocker.value
        try await waiting.value
        #expect(try await store.list(prefix: "").objects.map(\.key.text) == ["waiting"])
    }

    @Test func aCancelledTaskStoresNothing() async throws {
        let task = Task { () async -> StorageError? in
            while !Task.isCancelled { await Task.yield() }
            do throws(StorageError) {
                try await store.put([1], at: ObjectKey(unchecked: "a"))
                return nil
            } catch {
                return error
            }
        }
        task.cancel()
        #expect(await task.value == .cancelled)
        #expect(try await store.list(prefix: "").objects.isEmpty)
    }

    @Test func aRootThatCannotBeMadeStopsTheStart() {
        #expect { try LocalObjectStore.open(root: "/proc/nowhere/objects") } throws: { error in
            guard case .unavailable(let reason) = error as? StorageError else { return false }
            return reason.contains("/proc/nowhere/objects")
        }
    }
}
