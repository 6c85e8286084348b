import Glibc
import Kernel

/// A file for an object on its way, gone with the value unless it was moved.
final class SpoolFile: Sendable {
    let path: String
    private let file: FileDescriptor

    init(in folder: String) throws(SystemError) {
        let name = "migrate-\(Digest.randomBytes(8).hexadecimal)"
        path = "\(folder)/\(name)"
        file = try .open(
            name,
            in: .open(path: folder, O_RDONLY | O_DIRECTORY),
            O_WRONLY | O_CREAT | O_EXCL,
            mode: S_IRUSR | S_IWUSR,
        )
    }

    deinit { unlink(path) }

    /// Writes at the end. Blocks.
    func append(_ bytes: [UInt8]) throws(SystemError) {
        try bytes.withUnsafeBytes { buffer in
            Result { () throws(SystemError) in try file.write(buffer) }
        }.get()
    }
}
