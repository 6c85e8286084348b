import Glibc

/// A name in a folder.
struct FolderEntry {
    let name: String
    let isFolder: Bool
}

/// The files and folders in `folder`, in no order. Links, sockets and whatever else lies there are left out.
func entries(of folder: borrowing FileDescriptor) throws(SystemError) -> [FolderEntry] {
    // The stream takes its descriptor over and moves its offset, so it gets one of its own.
    let own = openat(folder.raw, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard own >= 0 else { throw .last }
    guard let stream = fdopendir(own) else {
        let error = SystemError.last
        close(own)
        throw error
    }
    defer { closedir(stream) }
    var found: [FolderEntry] = []
    while true {
        errno = 0
        guard let entry = readdir(stream) else {
            if errno != 0 { throw .last }
            return found
        }
        let name = name(of: entry)
        if name != ".", name != "..", let kind = kind(of: entry, name, in: folder) {
            found.append(FolderEntry(name: name, isFolder: kind))
        }
    }
}

private func name(of entry: UnsafeMutablePointer<dirent>) -> String {
    let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
    let start = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
    return String(cString: start)
}

/// `true` for a folder, `false` for a regular file, `nil` for anything else or what has gone meanwhile.
private func kind(
    of entry: UnsafeMutablePointer<dirent>,
    _ name: String,
    in folder: borrowing FileDescriptor,
) -> Bool? {
    switch Int(entry.pointee.d_type) {
    case Int(DT_DIR): return true
    case Int(DT_REG): return false
    case Int(DT_UNKNOWN):
        guard let status = try? folder.status(of: name) else { return nil }
        return status.isFolder ? true : status.isRegular ? false : nil
    default: return nil
    }
}
