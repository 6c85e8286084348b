import Kernel

/// Copies single objects and makes sure of it.
struct ObjectMigration: Sendable {
    enum Outcome: Sendable {
        case copied(Int)
        case skipped
        case vanished
    }

    let source: any ObjectStore
    let target: any ObjectStore
    let spool: String
    /// Writes files away from the tasks' threads.
    private let pool = WorkPool(name: "migrate", width: 2, limit: 1024)

    private static let pieceBytes = 4 << 20

    init(source: any ObjectStore, target: any ObjectStore, spool: String) {
        self.source = source
        self.target = target
        self.spool = spool
    }

    func migrate(_ key: ObjectKey) async throws -> Outcome {
        do {
            return try await copyUnlessThere(key)
        } catch StorageError.notFound {
            guard try await info(of: key, in: source) == nil else { throw MigrationMismatch(key: key) }
            return .vanished
        }
    }

    private func copyUnlessThere(_ key: ObjectKey) async throws -> Outcome {
        let size = try await source.info(key).size
        if try await info(of: key, in: target)?.size == size {
            let digest = try await read(key, size, from: source) { _ in }
            if try await read(key, size, from: target, { _ in }) == digest { return .skipped }
        }
        let digest = try await copy(key, size)
        guard try await target.info(key).size == size,
            try await read(key, size, from: target, { _ in }) == digest
        else { throw MigrationMismatch(key: key) }
        return .copied(size)
    }

    /// - Returns: The SHA-256 of what the source had.
    private func copy(_ key: ObjectKey, _ size: Int) async throws -> [UInt8] {
        if let path = source.localPath(key) {
            try await target.putFile(path, at: key, moving: false)
            return try await read(key, size, from: source) { _ in }
        }
        let file = try await pool.run { [spool] in try SpoolFile(in: spool) }
        let digest = try await read(key, size, from: source) { piece in
            try await pool.run { try file.append(piece) }
        }
        try await target.putFile(file.path, at: key, moving: true)
        return digest
    }

    /// Reads the object piece by piece.
    ///
    /// - Returns: The SHA-256 of all of them.
    private func read(
        _ key: ObjectKey,
        _ size: Int,
        from store: any ObjectStore,
        _ take: ([UInt8]) async throws -> Void,
    ) async throws -> [UInt8] {
        var hash = SHA256Stream()
        for start in stride(from: 0, to: size, by: Self.pieceBytes) {
            let range = start..<min(start + Self.pieceBytes, size)
            let piece = try await store.get(key, range: range)
            guard piece.count == range.count else { throw MigrationMismatch(key: key) }
            hash.update(piece)
            try await take(piece)
        }
        return hash.finalize()
    }

    private func info(of key: ObjectKey, in store: any ObjectStore) async throws -> ObjectInfo? {
        do { return try await store.info(key) } catch StorageError.notFound { return nil }
    }
}
