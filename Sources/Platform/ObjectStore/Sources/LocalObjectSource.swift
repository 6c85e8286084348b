import Glibc
import Kernel

/// A folder of this machine. Files in folders below it belong to it; links, sockets, pipes and devices do not.
package struct LocalObjectSource: ObjectSource {
    private let path: String
    private let pool: WorkPool

    /// - Parameters:
    ///   - path: The folder, absolute.
    ///   - roots: Where folders may lie; links are followed in both before they are compared.
    ///   - pool: Where the disk is waited for.
    /// - Throws: ``SourceError/notFound`` when there is no such folder, ``SourceError/refused(reason:)`` when it lies
    ///   outside the roots.
    package init(path: String, roots: [String], pool: WorkPool) throws(SourceError) {
        guard let real = realPath(path) else { throw .notFound }
        let isAllowed = roots.lazy.compactMap(realPath).contains { root in
            real.utf8.elementsEqual(root.utf8) || root == "/" || real.utf8.starts(with: (root + "/").utf8)
        }
        guard isAllowed else { throw .refused(reason: "the folder lies outside those that may be read") }
        self.path = real
        self.pool = pool
    }

    package func list(after: String?, limit: Int) async throws(SourceError) -> SourcePage {
        try await run { () throws(SystemError) in
            var listing = SourceListing(after: after, limit: min(max(limit, 1), 1000))
            try listing.visit(.open(path: path, O_RDONLY | O_DIRECTORY), path: "")
            return listing.page
        }
    }

    package func get(_ key: String, limit: Int) async throws(SourceError) -> [UInt8] {
        let found = try await run { () throws(SystemError) -> [UInt8]? in
            let file = try open(key)
            let status = try file.status()
            guard status.isRegular else { throw SystemError(code: ENOENT) }
            guard status.st_size <= limit else { return nil }
            return try bytes(of: file, from: 0, count: Int(status.st_size))
        }
        guard let found else { throw .tooLarge(limitBytes: limit) }
        return found
    }

    /// Folder by folder and through no link, so that nothing outside can be reached.
    private func open(_ key: String) throws(SystemError) -> FileDescriptor {
        let names = key.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard let last = names.last, !names.contains(where: { ["", ".", ".."].contains($0) }) else {
            throw SystemError(code: ENOENT)
        }
        var folder = try FileDescriptor.open(path: path, O_RDONLY | O_DIRECTORY)
        for name in names.dropLast() { folder = try .open(name, in: folder, O_RDONLY | O_DIRECTORY) }
        // A pipe would otherwise be waited for.
        return try .open(last, in: folder, O_RDONLY | O_NONBLOCK)
    }

    private func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws(SystemError) -> Value
    ) async throws(SourceError) -> Value {
        do {
            return try await pool.run(work)
        } catch {
            throw SourceError(error)
        }
    }
}

/// With all links followed; `nil` when there is no such thing.
private func realPath(_ path: String) -> String? {
    guard path.hasPrefix("/"), let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
}

extension SourceError {
    fileprivate init(_ error: any Error) {
        self =
            switch error {
            case let error as SystemError where [ENOENT, ENOTDIR, ELOOP, ENXIO].contains(error.code): .notFound
            case let error as SystemError where [EACCES, EPERM].contains(error.code):
                .refused(reason: "this server may not read it")
            case let error as SystemError: .unavailable(reason: "the disk fails (\(error.code))", retryAfter: nil)
            case is CancellationError: .cancelled
            default: .unavailable(reason: "the machine is busy", retryAfter: .seconds(1))
            }
    }
}

/// Collects a page of a folder's files. As in ``LocalListing``, a folder is compared with the `/` behind its name.
private struct SourceListing {
    private let after: String?
    private let limit: Int
    private var found: [SourceObject] = []

    init(after: String?, limit: Int) {
        self.after = after
        self.limit = limit
    }

    /// One more than the limit is looked for, to know whether there is another page.
    var page: SourcePage {
        guard found.count > limit else { return SourcePage(objects: found, next: nil) }
        return SourcePage(objects: Array(found.dropLast()), next: found[limit - 1].key)
    }

    mutating func visit(_ folder: borrowing FileDescriptor, path: String) throws(SystemError) {
        let candidates = try entries(of: folder)
            .map { (entry: $0, key: path + $0.name + ($0.isFolder ? "/" : "")) }
            .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        for (entry, key) in candidates where found.count <= limit && isWanted(entry, key) {
            do throws(SystemError) {
                if entry.isFolder {
                    try visit(.open(entry.name, in: folder, O_RDONLY | O_DIRECTORY), path: key)
                } else {
                    let status = try folder.status(of: entry.name)
                    let modified = Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
                    found.append(
                        SourceObject(
                            key: key,
                            size: Int(status.st_size),
                            modified: Timestamp(milliseconds: modified),
                            tag: "\(status.st_ino)-\(status.st_mtim.tv_nsec)",
                        )
                    )
                }
            } catch {
                // Deleted during the listing, or not for us to read: then there is nothing to list.
                if ![ENOENT, ENOTDIR, ELOOP, EACCES].contains(error.code) { throw error }
            }
        }
    }

    private func isWanted(_ entry: FolderEntry, _ key: String) -> Bool {
        guard let after else { return true }
        let isBehind = after.utf8.lexicographicallyPrecedes(key.utf8)
        return isBehind || entry.isFolder && after.utf8.starts(with: key.utf8)
    }
}
