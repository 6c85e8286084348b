import Database
import Kernel
import ObjectStore
import Synchronization

@testable import Images

/// A switch that several tasks see.
final class Fault: Sendable {
    private let state = Mutex(false)
    var isOn: Bool {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}

/// Where one task waits until another has seen it there and lets it go.
final class Gate: Sendable {
    private let reached = AsyncStream<Void>.makeStream()
    private let opened = AsyncStream<Void>.makeStream()

    func pass() async {
        reached.continuation.finish()
        for await _ in opened.stream {}
    }

    func untilReached() async { for await _ in reached.stream {} }
    func open() { opened.continuation.finish() }
}

/// Real files whose reads of staged pictures or removals fail while a fault is on. Each refused read is noted.
final class FaultyObjects: ObjectStore {
    private let inner: LocalObjectStore
    private let deleteFault: Fault?
    private let readFault: Fault?
    private let readError: StorageError
    private let writeFault: Fault?
    private let onRefusedRead: @Sendable () -> Void

    init(
        inner: LocalObjectStore,
        deleteFault: Fault? = nil,
        readFault: Fault? = nil,
        readError: StorageError = .unavailable(reason: "the test says so"),
        writeFault: Fault? = nil,
        onRefusedRead: @escaping @Sendable () -> Void = {},
    ) {
        self.inner = inner
        self.deleteFault = deleteFault
        self.readFault = readFault
        self.readError = readError
        self.writeFault = writeFault
        self.onRefusedRead = onRefusedRead
    }

    func get(_ key: ObjectKey) async throws(StorageError) -> [UInt8] {
        if readFault?.isOn == true {
            onRefusedRead()
            throw readError
        }
        return try await inner.get(key)
    }

    func delete(_ key: ObjectKey) async throws(StorageError) -> Bool {
        if deleteFault?.isOn == true { throw .unavailable(reason: "the test says so") }
        return try await inner.delete(key)
    }

    func put(_ bytes: [UInt8], at key: ObjectKey) async throws(StorageError) {
        if writeFault?.isOn == true { throw .full }
        try await inner.put(bytes, at: key)
    }

    func putFile(_ path: String, at key: ObjectKey, moving: Bool) async throws(StorageError) {
        try await inner.putFile(path, at: key, moving: moving)
    }
    func get(_ key: ObjectKey, range: Range<Int>) async throws(StorageError) -> [UInt8] {
        try await inner.get(key, range: range)
    }
    func info(_ key: ObjectKey) async throws(StorageError) -> ObjectInfo { try await inner.info(key) }
    func list(prefix: String, after: ObjectKey?, limit: Int) async throws(StorageError) -> ObjectPage {
        try await inner.list(prefix: prefix, after: after, limit: limit)
    }
    func localPath(_ key: ObjectKey) -> String? { inner.localPath(key) }
    func presign(_ key: ObjectKey, expires: Duration) async throws(StorageError) -> String? { nil }
    func space() async throws(StorageError) -> StorageSpace? { try await inner.space() }
    func check() async throws(StorageError) { try await inner.check() }
}

/// Real files, with a gate before one size is stored.
final class GatedObjects: ObjectStore {
    private let inner: LocalObjectStore
    private let gate: Gate
    private let stopsAt: String

    init(inner: LocalObjectStore, gate: Gate, stopsAt: String) {
        self.inner = inner
        self.gate = gate
        self.stopsAt = stopsAt
    }

    func put(_ bytes: [UInt8], at key: ObjectKey) async throws(StorageError) {
        if key.description.contains("/\(stopsAt)/") {
            await gate.pass()
            // A file system does not ask whether the task that writes was cancelled meanwhile.
            let (inner, result) = (inner, AsyncStream<Void>.makeStream())
            Task {
                try? await inner.put(bytes, at: key)
                result.continuation.finish()
            }
            return await Task { for await _ in result.stream {} }.value
        }
        try await inner.put(bytes, at: key)
    }

    func get(_ key: ObjectKey) async throws(StorageError) -> [UInt8] { try await inner.get(key) }
    func delete(_ key: ObjectKey) async throws(StorageError) -> Bool { try await inner.delete(key) }
    func putFile(_ path: String, at key: ObjectKey, moving: Bool) async throws(StorageError) {
        try await inner.putFile(path, at: key, moving: moving)
    }
    func get(_ key: ObjectKey, range: Range<Int>) async throws(StorageError) -> [UInt8] {
        try await inner.get(key, range: range)
    }
    func info(_ key: ObjectKey) async throws(StorageError) -> ObjectInfo { try await inner.info(key) }
    func list(prefix: String, after: ObjectKey?, limit: Int) async throws(StorageError) -> ObjectPage {
        try await inner.list(prefix: prefix, after: after, limit: limit)
    }
    func localPath(_ key: ObjectKey) -> String? { inner.localPath(key) }
    func presign(_ key: ObjectKey, expires: Duration) async throws(StorageError) -> String? { nil }
    func space() async throws(StorageError) -> StorageSpace? { try await inner.space() }
    func check() async throws(StorageError) { try await inner.check() }
}

extension House {
    /// One pass of the sweeper.
    func sweep() async throws {
        try await (module.sweeper as? ImagesSweeper)?.sweep()
    }

    /// Returns when the job's row says so; its end is told to nobody once its picture is deleted.
    func untilJob(_ id: String, is state: String) async throws {
        while try await rows("SELECT id FROM job WHERE id = \(id) AND state = \(state)").isEmpty {
            await Task.yield()
        }
    }

    /// Returns when nothing is stored there; what is removed soon is removed by a task of its own.
    func untilEmpty(prefix: String) async throws {
        while try await !objects.list(prefix: prefix, after: nil, limit: 1).objects.isEmpty { await Task.yield() }
    }
}
