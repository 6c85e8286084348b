import Glibc
import Kernel
import Telemetry

/// Objects as files below one folder: the key is the path.
///
/// A write goes to a hidden folder first, is synchronised, renamed in one step and its folder synchronised. Calls block
/// their own threads, never a task's.
package final class LocalObjectStore: ObjectStore {
    private let files: LocalFiles
    private let meter: StorageMeter
    private let pool: WorkPool
    private let root: String

    private init(files: LocalFiles, root: String, pool: WorkPool, metrics: Metrics) {
        self.files = files
        self.root = root
        self.pool = pool
        meter = StorageMeter(metrics)
    }

    /// Opens the folder, makes it when it is missing, and removes what a crash left half-written. Blocks: for the start
    /// of the program.
    ///
    /// - Parameters:
    ///   - root: A folder that holds nothing but objects. Several processes may share it.
    ///   - width: Operations at once; disks take several, and each may wait for a synchronisation.
    ///   - limit: Operations that may wait; more are refused with ``StorageError/busy``.
    ///   - metrics: Where operations are counted and timed.
    /// - Returns: The store, ready for use.
    /// - Throws: ``StorageError/unavailable(reason:)`` when the folder cannot be made, opened or written.
    package static func open(
        root: String,
        width: Int = 8,
        limit: Int = 4096,
        metrics: Metrics = Metrics(),
    ) throws(StorageError) -> LocalObjectStore {
        try open(root: root, pool: WorkPool(name: "storage", width: width, limit: limit), metrics: metrics)
    }

    static func open(root: String, pool: WorkPool, metrics: Metrics) throws(StorageError) -> LocalObjectStore {
        let root = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
        do throws(SystemError) {
            return LocalObjectStore(files: try LocalFiles(root: root), root: root, pool: pool, metrics: metrics)
        } catch {
            throw .unavailable(reason: "\(root): \(String(cString: strerror(error.code)))")
        }
    }

    package func put(_ bytes: [UInt8], at key: ObjectKey) async throws(StorageError) {
        try await run(.put, key) { try $0.put(bytes, at: key) }
    }

    package func putFile(_ path: String, at key: ObjectKey, moving: Bool) async throws(StorageError) {
        try await run(.put, key) { try $0.putFile(path, at: key, moving: moving) }
    }

    package func get(_ key: ObjectKey) async throws(StorageError) -> [UInt8] {
        try await get(key, optional: nil)
    }

    package func get(_ key: ObjectKey, range: Range<Int>) async throws(StorageError) -> [UInt8] {
        try await get(key, optional: range)
    }

    package func info(_ key: ObjectKey) async throws(StorageError) -> ObjectInfo {
        try await run(.info, key) { try $0.info(key) }
    }

    @discardableResult
    package func delete(_ key: ObjectKey) async throws(StorageError) -> Bool {
        try await run(.delete, key) { try $0.delete(key) }
    }

    @discardableResult
    package func delete(_ keys: [ObjectKey]) async throws(StorageError) -> Int {
        guard keys.allSatisfy(\.isValid) else { throw .badKey }
        return try await run(.delete, nil) { try $0.delete(keys) }
    }

    @discardableResult
    package func deleteAll(prefixes: [String]) async throws(StorageError) -> Int {
        try await run(.delete, nil) { try $0.deleteAll(prefixes: prefixes) }
    }

    package func list(prefix: String, after: ObjectKey?, limit: Int) async throws(StorageError) -> ObjectPage {
        try await run(.list, after) { try $0.list(prefix: prefix, after: after, limit: limit) }
    }

    package func localPath(_ key: ObjectKey) -> String? {
        key.isValid ? "\(root)/\(key)" : nil
    }

    package func presign(_ key: ObjectKey, expires: Duration) -> String? { nil }

    package func space() async throws(StorageError) -> StorageSpace? {
        try await run(.space, nil) { try $0.space() }
    }

    package func check() async throws(StorageError) {
        try await run(.check, nil) { try $0.check() }
    }

    private func get(_ key: ObjectKey, optional range: Range<Int>?) async throws(StorageError) -> [UInt8] {
        try await meter.measure(.get) { () throws(StorageError) in
            switch try await blocking(.get, key, { try $0.get(key, range: range) }) {
            case .bytes(let bytes): return bytes
            case .outside(let size): throw .outOfRange(size: size)
            }
        }
    }

    private func run<Value: Sendable>(
        _ operation: StorageMeter.Operation,
        _ key: ObjectKey?,
        _ work: @escaping @Sendable (LocalFiles) throws -> Value,
    ) async throws(StorageError) -> Value {
        try await meter.measure(operation) { () throws(StorageError) in try await blocking(operation, key, work) }
    }

    private func blocking<Value: Sendable>(
        _ operation: StorageMeter.Operation,
        _ key: ObjectKey?,
        _ work: @escaping @Sendable (LocalFiles) throws -> Value,
    ) async throws(StorageError) -> Value {
        guard key?.isValid ?? true else { throw .badKey }
        do {
            return try await pool.run { [files] in try work(files) }
        } catch let error as SystemError {
            throw StorageError(error, isWriting: operation == .put)
        } catch is WorkPool.Full {
            throw .busy
        } catch is CancellationError {
            throw .cancelled
        } catch {
            throw .unavailable(reason: "\(error)")
        }
    }
}

extension StorageError {
    /// A file where a folder should be is a conflict for a writer, and nothing for a reader.
    init(_ error: SystemError, isWriting: Bool) {
        self =
            switch error.code {
            case ENOSPC, EDQUOT: .full
            case ENOENT: .notFound
            case ENOTDIR, ELOOP, EISDIR, ENOTEMPTY, EEXIST: isWriting ? .conflict : .notFound
            default: .unavailable(reason: String(cString: strerror(error.code)))
            }
    }
}
