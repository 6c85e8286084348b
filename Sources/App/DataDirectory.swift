import FoundationEssentials
import Glibc
import Kernel

/// The folder that holds everything: `pictor.db`, `objects/`, `spool/`. With SQLite, one `serve`
/// at a time holds its lock.
struct DataDirectory: Sendable {
    /// The absolute path, without a slash at the end.
    let path: String

    var database: String { "\(path)/pictor.db" }
    var objects: String { "\(path)/objects" }
    var spool: String { "\(path)/spool" }

    /// Makes the folder and what stands in it where it is missing; only its owner may read it.
    ///
    /// - Throws: ``CommandFailure`` when it cannot be made or written.
    init(creating path: String) throws(CommandFailure) {
        let absolute = path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
        self.path = absolute.count > 1 && absolute.hasSuffix("/") ? String(absolute.dropLast()) : absolute
        do {
            for folder in [self.path, objects, spool] {
                try FileManager.default.createDirectory(
                    atPath: folder,
                    withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700],
                )
            }
        } catch {
            throw CommandFailure("cannot write the data directory \(path); choose another with --data DIR")
        }
    }

    /// Takes the lock for as long as the value lives.
    ///
    /// - Throws: ``CommandFailure`` when another process holds it.
    func lock() throws(CommandFailure) -> DirectoryLock {
        let descriptor = open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CommandFailure("cannot write the data directory \(path)") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw CommandFailure(
                """
                another pictor serves the data directory \(path). Stop it, choose another with --data DIR, or set \
                DATABASE_URL to a PostgreSQL database that several processes can share
                """,
                exitCode: ExitCode.unavailable,
            )
        }
        return DirectoryLock(descriptor: descriptor)
    }

    /// A folder for this process alone, where bodies are spooled while they arrive; gone with the value. What a killed
    /// process left in one is removed.
    ///
    /// - Throws: ``CommandFailure`` when it cannot be made.
    func claimSpool() throws(CommandFailure) -> SpoolFolder {
        let manager = FileManager.default
        // One process at a time: between the making of a folder and its lock another would take it for a leftover.
        let line = open(spool, O_RDONLY | O_CLOEXEC)
        defer { close(line) }
        guard line >= 0, flock(line, LOCK_EX) == 0 else {
            throw CommandFailure("cannot write the data directory \(self.path)")
        }
        for name in (try? manager.contentsOfDirectory(atPath: spool)) ?? [] {
            guard let old = SpoolFolder(locking: "\(spool)/\(name)") else { continue }
            withExtendedLifetime(old) {}
        }
        let path = "\(spool)/\(Digest.randomBytes(8).hexadecimal)"
        try? manager.createDirectory(
            atPath: path,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700],
        )
        guard let folder = SpoolFolder(locking: path) else {
            throw CommandFailure("cannot write the data directory \(self.path)")
        }
        return folder
    }
}

/// A folder that is held by an flock(2): the kernel lets it go when the process ends, however it ends.
final class SpoolFolder: Sendable {
    let path: String
    private let descriptor: Int32

    /// `nil` when another process holds the folder, or there is none.
    fileprivate init?(locking path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
        close(descriptor)
    }
}

/// A held flock(2); the kernel lets it go when the process ends, however it ends.
final class DirectoryLock: Sendable {
    private let descriptor: Int32
    init(descriptor: Int32) { self.descriptor = descriptor }
    deinit { close(descriptor) }
}
