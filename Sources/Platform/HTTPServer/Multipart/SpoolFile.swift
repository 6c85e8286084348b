import FoundationEssentials
import Glibc
import Kernel

/// A file that takes bytes while they arrive, removed when nobody holds it any more.
final class SpoolFile: Sendable {
    let path: String
    private let descriptor: Int32

    init(in folder: String) throws(HTTPError) {
        path = "\(folder)/\(spoolPrefix)\(UUID().uuidString.lowercased())"
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .insufficientStorage }
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    /// Appends `bytes`. Blocks: call it on the spool's threads.
    func write(_ bytes: [UInt8]) throws(HTTPError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress.map { $0 + written }, $0.count - written)
            }
            guard count >= 0 || errno == EINTR else { throw .insufficientStorage }
            written += max(0, count)
        }
    }
}

private let spoolPrefix = "upload-"

/// Threads that write spooled files: a full disk cache may stop a write, and an event loop must not stop.
let spoolPool = WorkPool(name: "spool", width: 2, limit: 1024)

/// Removes what a crash left in the spool folder. Call it before the server starts; only the owner of the folder may.
package func removeAbandonedUploads(in folder: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names where name.hasPrefix(spoolPrefix) { unlink("\(folder)/\(name)") }
}
