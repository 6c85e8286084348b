import Glibc
import Kernel

/// Where files are written before they become objects: a hidden folder on the same file system, so that the last step
/// is one rename.
///
/// Every file in it is locked by its writer for as long as it is open. The kernel drops the lock with the process, so
/// a file that can be locked by somebody else was left by a crash, and no clock is needed to know it.
struct IncomingFolder: ~Copyable {
    static let name = ".incoming"

    let descriptor: FileDescriptor

    /// Opens the folder below `root` and makes it when it is missing.
    static func open(in root: borrowing FileDescriptor) throws(SystemError) -> IncomingFolder {
        if mkdirat(root.raw, name, folderMode) != 0, errno != EEXIST { throw .last }
        return IncomingFolder(descriptor: try .open(name, in: root, O_RDONLY | O_DIRECTORY))
    }

    /// A new, empty, locked file.
    func create() throws(SystemError) -> IncomingFile {
        while true {
            let name = newName()
            let file = try FileDescriptor.open(name, in: descriptor, O_RDWR | O_CREAT | O_EXCL, mode: fileMode)
            // A sweeper may have been quicker: then the file is lost, and another one is made.
            if flock(file.raw, LOCK_EX | LOCK_NB) == 0, try file.status().st_nlink == 1 {
                return IncomingFile(name: name, file: file, folder: try descriptor.duplicate())
            }
        }
    }

    /// Takes in the file at `path` by renaming it; `nil` when it lies on another file system or must be copied because
    /// it has a second name, through which it could still change.
    func take(path: String) throws(SystemError) -> IncomingFile? {
        let file = try openSource(path)
        guard try file.status().st_nlink == 1, flock(file.raw, LOCK_EX | LOCK_NB) == 0 else { return nil }
        let name = newName()
        guard renameat(AT_FDCWD, path, descriptor.raw, name) == 0 else {
            if errno == EXDEV { return nil }
            throw .last
        }
        let taken = IncomingFile(name: name, file: file, folder: try descriptor.duplicate(), origin: path)
        guard fchmod(taken.file.raw, fileMode) == 0 else { throw .last }
        return taken
    }

    /// Removes what crashed writers left.
    ///
    /// - Returns: How many files were removed.
    func sweep() throws(SystemError) -> Int {
        var removed = 0
        for entry in try entries(of: descriptor) where !entry.isFolder {
            guard let file = try? FileDescriptor.open(entry.name, in: descriptor, O_RDONLY | O_NONBLOCK) else {
                continue
            }
            guard flock(file.raw, LOCK_EX | LOCK_NB) == 0 else { continue }
            if unlinkat(descriptor.raw, entry.name, 0) == 0 { removed += 1 }
        }
        return removed
    }

    private func newName() -> String { Digest.randomBytes(16).hexadecimal }
}

/// A file on its way in: gone with the value, unless it was published.
struct IncomingFile: ~Copyable {
    private let name: String
    let file: FileDescriptor
    private let folder: FileDescriptor
    /// Where the file was taken from, and goes back to when it is not published.
    private let origin: String?
    private var isPublished = false

    fileprivate init(
        name: String,
        file: consuming FileDescriptor,
        folder: consuming FileDescriptor,
        origin: String? = nil,
    ) {
        self.name = name
        self.file = file
        self.folder = folder
        self.origin = origin
    }

    deinit {
        guard !isPublished else { return }
        if let origin, renameat(folder.raw, name, AT_FDCWD, origin) == 0 { return }
        unlinkat(folder.raw, name, 0)
    }

    /// Gives the file its final name, in one step.
    mutating func publish(as target: some StringProtocol, in destination: borrowing FileDescriptor) throws(SystemError)
    {
        guard renameat(folder.raw, name, destination.raw, String(target)) == 0 else { throw .last }
        isPublished = true
    }
}

/// Files are for the server's user, and readable for its group so that a backup may run as somebody else.
let fileMode: mode_t = 0o640
let folderMode: mode_t = 0o750

/// Opens a file that shall become an object: regular, and no link.
func openSource(_ path: String) throws(SystemError) -> FileDescriptor {
    let file = try FileDescriptor.open(path: path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    guard try file.status().isRegular else { throw SystemError(code: EINVAL) }
    return file
}
