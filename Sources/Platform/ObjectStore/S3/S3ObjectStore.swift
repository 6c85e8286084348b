import Glibc
import HTTPClient
import Kernel
import Telemetry

/// Objects in a bucket of Amazon S3 or of what speaks its protocol.
///
/// S3 shows an object when all its bytes have arrived and were compared with their hashes, and reads what was written
/// last; so a `put` is whole or not there. Requests that fail in passing are repeated within a deadline. A file and a
/// "folder" of the same name can both be there, so nothing throws ``StorageError/conflict``.
package final class S3ObjectStore: ObjectStore {
    private let objects: S3Objects
    /// The same for probes of health.
    private let probes: S3Objects
    private let publicAddress: S3Address
    private let meter: StorageMeter

    /// - Parameters:
    ///   - settings: Where the bucket is. Nothing is sent yet; ``check()`` tells whether it works.
    ///   - client: Must be allowed to reach the endpoint, also when its address is not public.
    ///   - time: For signatures, deadlines and waits.
    ///   - metrics: Where operations are counted and timed.
    ///   - log: Told of requests that are repeated.
    /// - Throws: ``StorageError/unavailable(reason:)`` when the settings cannot be right.
    package init(
        settings: S3Settings,
        client: HTTPClient,
        time: any TimeSource = SystemTime(),
        metrics: Metrics = Metrics(),
        log: Log = .silent,
    ) throws(StorageError) {
        if let problem = settings.problem { throw .unavailable(reason: problem) }
        let address = S3Address(settings, endpoint: settings.endpoint)
        let pool = WorkPool(name: "s3-hash", width: 2, limit: 4096)
        func objects(_ settings: S3Settings) -> S3Objects {
            let connection = S3Connection(settings, client: client, time: time, metrics: metrics, log: log)
            return S3Objects(connection: connection, address: address, pool: pool)
        }
        self.objects = objects(settings)
        probes = objects(settings.impatient)
        publicAddress = S3Address(settings, endpoint: settings.publicEndpoint ?? settings.endpoint)
        meter = StorageMeter(metrics)
    }

    package func put(_ bytes: [UInt8], at key: ObjectKey) async throws(StorageError) {
        try await run(.put, key) { try await objects.put(bytes, at: key.text) }
    }

    /// Files over the size of a part are sent in parts. With `moving` the file is removed once it is stored.
    package func putFile(_ path: String, at key: ObjectKey, moving: Bool) async throws(StorageError) {
        try await run(.put, key) {
            try await objects.putFile(path, at: key.text)
            if moving { unlink(path) }
        }
    }

    package func get(_ key: ObjectKey) async throws(StorageError) -> [UInt8] {
        try await run(.get, key) { try await objects.get(key.text) }
    }

    package func get(_ key: ObjectKey, range: Range<Int>) async throws(StorageError) -> [UInt8] {
        try await run(.get, key) {
            guard range.isEmpty else { return try await objects.get(key.text, range: range) }
            // HTTP has no empty ranges.
            let size = try await objects.size(key.text)
            guard range.lowerBound < size || size == 0 && range.lowerBound == 0 else {
                throw StorageError.outOfRange(size: size)
            }
            return []
        }
    }

    package func info(_ key: ObjectKey) async throws(StorageError) -> ObjectInfo {
        try await run(.info, key) {
            let headers = try await objects.head(key.text).headers
            guard let size = headers["Content-Length"].flatMap({ Int($0) }),
                let modified = headers["Last-Modified"].flatMap({ Timestamp(httpDate: $0) })
            else { throw StorageError.unavailable(reason: "S3 tells neither size nor time") }
            return ObjectInfo(key: key, size: size, modified: modified)
        }
    }

    @discardableResult
    package func delete(_ key: ObjectKey) async throws(StorageError) -> Bool {
        try await run(.delete, key) { try await objects.delete(key.text) }
    }

    package func list(prefix: String, after: ObjectKey?, limit: Int) async throws(StorageError) -> ObjectPage {
        try await run(.list, after) { try await objects.list(prefix: prefix, after: after, limit: limit) }
    }

    package func localPath(_ key: ObjectKey) -> String? { nil }

    /// The longest that S3 allows are 7 days; more is cut to them.
    package func presign(_ key: ObjectKey, expires: Duration) async throws(StorageError) -> String? {
        guard objects.connection.settings.isPublic else { return nil }
        return try await run(.presign, key) {
            objects.connection.presign(.get, key.text, at: publicAddress, expires: expires)
        }
    }

    /// A URL that stores the bodies of PUTs without credentials for `expires`, or up to a quarter less.
    package func presignPut(_ key: ObjectKey, expires: Duration) async throws(StorageError) -> String {
        try await run(.presign, key) {
            objects.connection.presign(.put, key.text, at: publicAddress, expires: expires)
        }
    }

    package func space() -> StorageSpace? { nil }

    /// Writes and reads `.check`, which is no key, so no listing of ours shows it. All processes write the same bytes
    /// to it and none removes it: however they end, they leave this one object. A service that is away is told after
    /// 4 seconds.
    package func check() async throws(StorageError) {
        try await run(.check, nil) {
            let written = Array("Pictor checks here whether it can write and read.\n".utf8)
            try await probes.put(written, at: ".check")
            let read = try await probes.get(".check", expecting: written.count)
            guard read == written else { throw StorageError.unavailable(reason: "S3 gave other bytes than it got") }
        }
    }

    private func run<Value: Sendable>(
        _ operation: StorageMeter.Operation,
        _ key: ObjectKey?,
        _ work: () async throws -> Value,
    ) async throws(StorageError) -> Value {
        try await meter.measure(operation) { () async throws(StorageError) in
            guard key?.isValid ?? true else { throw .badKey }
            do {
                return try await work()
            } catch {
                throw StorageError(error, isReading: operation == .get || operation == .info)
            }
        }
    }
}

extension StorageError {
    fileprivate init(_ error: any Error, isReading: Bool) {
        self =
            switch error {
            case let error as StorageError: error
            case let error as S3Problem: isReading && error.isMissingObject ? .notFound : error.storageError
            case let error as SystemError: StorageError(error, isWriting: false)
            case is WorkPool.Full: .busy
            case is CancellationError: .cancelled
            default: .unavailable(reason: "\(error)")
            }
    }
}
