import FoundationEssentials
import Glibc
import Kernel

/// The folder that holds everything: `pictor.db`, `objects/`, `spool/`. One `serve` at a time holds its lock.
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

    /// Removes what uploads left behind when the process before was killed.
    func clearSpool() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: spool)) ?? [] {
            try? FileManager.default.removeItem(atPath: "\(spool)/\(name)")
        }
    }
}

/// A held flock(2); the kernel lets it go when the process ends, however it ends.
final class DirectoryLock: Sendable {
    private let descriptor: Int32
    init(descriptor: Int32) { self.descriptor = descriptor }
    deinit { close(descriptor) }
}
