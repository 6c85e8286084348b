import FoundationEssentials
import HTTPClient
import Kernel
import ObjectStore
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct MigrationTests {
    private static let pairs: [(Backend, Backend)] = [(.local, .s3), (.s3, .local), (.s3, .s3)]

    private let folder: TemporaryFolder
    private let sourceFolder: TemporaryFolder
    private let targetFolder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        sourceFolder = try TemporaryFolder()
        targetFolder = try TemporaryFolder()
    }

    private func source(_ backend: Backend) async throws -> any ObjectStore { try await backend.make(in: sourceFolder) }

    private func target(_ backend: Backend) async throws -> any ObjectStore { try await backend.make(in: targetFolder) }

    private func fill(_ store: any ObjectStore) async throws -> [String: [UInt8]] {
        var objects: [String: [UInt8]] = [:]
        for (index, size) in [0, 1, 4096, 4 << 20, (4 << 20) + 1, 9_000_000].enumerated() {
            objects["images/u=\(index)/large.webp"] = pattern(size, seed: index)
        }
        for (name, bytes) in objects { try await store.put(bytes, at: key(name)) }
        return objects
    }

    private func migrate(
        _ source: any ObjectStore,
        _ target: any ObjectStore,
        width: Int = 3,
        progress: (MigrationProgress) -> Void = { _ in },
    ) async throws -> MigrationProgress {
        try await migrateObjects(from: source, to: target, spool: folder.path, width: width, progress: progress)
    }

    @Test(arguments: pairs)
    func everythingArrivesAndTheSourceStays(_ from: Backend, _ to: Backend) async throws {
        let (source, target) = (try await source(from), try await target(to))
        let objects = try await fill(source)
        var seen: [Int] = []
        let done = try await migrate(source, target) { seen.append($0.objects) }
        #expect(done.copied == 6 && done.skipped == 0 && done.vanished == 0)
        #expect(done.bytes == objects.values.map(\.count).reduce(0, +))
        #expect(seen == Array(1...6))
        for (name, bytes) in objects {
            #expect(try await target.get(key(name)) == bytes)
            #expect(try await source.info(key(name)).size == bytes.count)
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(!left.contains { $0.hasPrefix("migrate-") })
    }

    @Test func whatIsThereIsSkippedAndWhatDiffersIsReplaced() async throws {
        let (source, target) = (try await source(.local), try await target(.s3))
        let objects = try await fill(source)
        let name = "images/u=2/large.webp"
        _ = try await migrate(source, target)
        try await target.put(pattern(4096, seed: 99), at: key(name))  // of the same size
        try await target.delete(key("images/u=1/large.webp"))
        try await target.put([1], at: key("other"))
        let done = try await migrate(source, target)
        #expect(done.copied == 2 && done.skipped == 4)
        #expect(try await target.get(key(name)) == objects[name])
        #expect(try await target.get(key("other")) == [1])
    }

    @Test(arguments: pairs)
    func whatWasDeletedSinceIsPruned(_ from: Backend, _ to: Backend) async throws {
        let (source, target) = (try await source(from), try await target(to))
        for name in ["a", "b/c", "b/d"] { try await source.put([1], at: key(name)) }
        _ = try await migrate(source, target)
        for name in ["a", "b/d"] { try await source.delete(key(name)) }
        #expect(try await pruneObjects(in: target, missingFrom: source) == 2)
        #expect(try await target.list(prefix: "").objects.map(\.key) == [key("b/c")])
        #expect(try await pruneObjects(in: target, missingFrom: source) == 0)
        #expect(try await source.get(key("b/c")) == [1])
    }

    @Test func anInterruptedMigrationGoesOn() async throws {
        let bucket = try await S3Server.shared.value.bucket()
        let (source, target) = (try await source(.local), try S3ObjectStore(bucket) { $0.retry = .never })
        let objects = try await fill(source)
        try await bucket.fail(["kind": "status", "count": 1, "method": "PUT"])
        await #expect(throws: StorageError.self) { try await migrate(source, target, width: 1) }
        let done = try await migrate(source, target)
        #expect(done.objects == 6)
        for (name, bytes) in objects { #expect(try await target.get(key(name)) == bytes) }
    }

    @Test func pagesAreFollowed() async throws {
        let (source, target) = (try await source(.local), try await target(.local))
        for index in 0..<1005 { try await source.put([], at: key("many/\(index)")) }
        #expect(try await migrate(source, target).copied == 1005)
        #expect(try await migrate(source, target).skipped == 1005)
    }
}
