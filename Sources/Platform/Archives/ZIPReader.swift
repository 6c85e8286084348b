internal import CArchive
import Synchronization

/// A ZIP archive that is read from its front to its end, one entry at a time. Nothing is ever written to a disk, and
/// only the entry that is asked for is in memory.
///
/// Everything blocks: call it on a work pool.
package final class ZIPReader: Sendable {
    /// An entry, before it is read.
    package struct Entry: Sendable, Equatable {
        /// With slashes between folders; never leads out of the archive.
        package let name: String
        /// As the archive says.
        package let size: Int
    }

    private struct State: ~Copyable {
        let handle: ReadHandle
        var current: Entry?
        var entries = 0
        var unpacked = 0
        var names: Set<String> = []
    }

    private let archiveBytes: Int
    private let limits: ArchiveLimits
    private let state: Mutex<State>

    /// Opens a file.
    ///
    /// - Throws: ``ArchiveError/notAnArchive`` for a file that is none, ``ArchiveError/unreadable``.
    package init(path: String, limits: ArchiveLimits = ArchiveLimits()) throws(ArchiveError) {
        archiveBytes = try fileSize(path)
        self.limits = limits
        state = Mutex(State(handle: try ReadHandle(path: path)))
    }

    /// Reads an archive in memory.
    ///
    /// - Throws: ``ArchiveError/notAnArchive``.
    package init(bytes: [UInt8], limits: ArchiveLimits = ArchiveLimits()) throws(ArchiveError) {
        archiveBytes = bytes.count
        self.limits = limits
        state = Mutex(State(handle: try ReadHandle(bytes: bytes)))
    }

    /// The next file; folders are passed over.
    ///
    /// - Returns: `nil` at the end.
    /// - Throws: ``ArchiveError`` for an entry that is no plain, open file with a name of its own within the limits.
    package func next() throws(ArchiveError) -> Entry? {
        let limits = limits
        return try state.withLock { state throws(ArchiveError) in
            while let (name, kind, size, isEncrypted) = try state.handle.next() {
                state.entries += 1
                guard state.entries <= limits.entries else { throw .tooManyEntries(limit: limits.entries) }
                guard isSafe(name) else { throw .unsafeName(name) }
                guard kind != .folder else { continue }
                guard kind == .file else { throw .noFile(name: name) }
                guard !isEncrypted else { throw .encrypted(name: name) }
                guard state.names.insert(name).inserted else { throw .duplicate(name: name) }
                guard size <= limits.entryBytes else {
                    throw .entryTooLarge(name: name, limitBytes: limits.entryBytes)
                }
                state.current = Entry(name: name, size: size)
                return state.current
            }
            state.current = nil
            return nil
        }
    }

    /// The first bytes of the entry that ``next()`` gave last, up to 64 KiB: enough to see what it is. They are gone for
    /// ``contents(limit:)`` then.
    ///
    /// - Throws: ``ArchiveError`` when it is damaged or a limit is passed.
    package func beginning() throws(ArchiveError) -> [UInt8] {
        let (limits, archiveBytes) = (limits, archiveBytes)
        return try state.withLock { state throws(ArchiveError) in
            guard let entry = state.current else { return [] }
            var bytes: [UInt8] = []
            _ = try state.handle.read(into: &bytes, entry.name)
            state.unpacked += bytes.count
            try limits.check(unpacked: state.unpacked, archiveBytes: archiveBytes)
            return bytes
        }
    }

    /// The content of the entry that ``next()`` gave last; call it once for an entry.
    ///
    /// - Parameter limit: The most bytes of it; the limits' own when `nil`.
    /// - Returns: All of it.
    /// - Throws: ``ArchiveError`` when it is damaged or a limit is passed.
    package func contents(limit: Int? = nil) throws(ArchiveError) -> [UInt8] {
        let (limits, archiveBytes) = (limits, archiveBytes)
        return try state.withLock { state throws(ArchiveError) in
            guard let entry = state.current else { return [] }
            var bytes: [UInt8] = []
            bytes.reserveCapacity(min(entry.size, limits.entryBytes))
            // Also what comes to nothing costs.
            defer { state.unpacked += bytes.count }
            let most = limit ?? limits.entryBytes
            while try state.handle.read(into: &bytes, entry.name) {
                guard bytes.count <= most else { throw .entryTooLarge(name: entry.name, limitBytes: most) }
                try limits.check(unpacked: state.unpacked + bytes.count, archiveBytes: archiveBytes)
            }
            return bytes
        }
    }
}

/// Whether a name stays below the folder that the archive would be unpacked to, on any system.
private func isSafe(_ name: String) -> Bool {
    let isPlain = !name.isEmpty && name.utf8.count <= 1024 && !name.utf8.contains { $0 < 0x20 || $0 == 0x7F }
    guard isPlain, !name.hasPrefix("/"), !name.contains("\\"), !name.contains(":") else { return false }
    return !name.split(separator: "/").contains("..")
}
