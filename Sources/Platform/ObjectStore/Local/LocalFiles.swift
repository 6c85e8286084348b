import Glibc
import Kernel

/// The blocking half of ``LocalObjectStore``: every path is walked folder by folder from the root's descriptor and no
/// link is followed, so nothing outside the root can be reached, whatever lies in it.
final class LocalFiles: Sendable {
    private let root: FileDescriptor
    private let incoming: IncomingFolder

    /// Opens the root, makes it when it is missing, and removes what crashed writers left.
    init(root path: String) throws(SystemError) {
        try makeFolders(path)
        let root = try FileDescriptor.open(path: path, O_RDONLY | O_DIRECTORY)
        let incoming = try IncomingFolder.open(in: root)
        _ = try incoming.sweep()
        self.root = root
        self.incoming = incoming
    }

    func put(_ bytes: [UInt8], at key: ObjectKey) throws(SystemError) {
        var file = try incoming.create()
        try withBytes(of: bytes) { bytes throws(SystemError) in try file.file.write(bytes) }
        try publish(&file, at: key)
    }

    func putFile(_ path: String, at key: ObjectKey, moving: Bool) throws(SystemError) {
        if moving, var file = try incoming.take(path: path) { return try publish(&file, at: key) }
        var file = try incoming.create()
        try copy(from: openSource(path), to: file.file)
        try publish(&file, at: key)
        if moving { unlink(path) }
    }

    func get(_ key: ObjectKey, range: Range<Int>?) throws(SystemError) -> Piece {
        let file = try open(key)
        let size = Int(try file.status().st_size)
        let range = range ?? 0..<size
        guard range.lowerBound < size || (range.lowerBound == 0 && range == 0..<size) else { return .outside(size) }
        let count = min(range.upperBound, size) - range.lowerBound
        return .bytes(try bytes(of: file, from: range.lowerBound, count: count))
    }

    enum Piece: Sendable {
        case bytes([UInt8])
        /// The range begins behind the end of an object of this size.
        case outside(Int)
    }

    func info(_ key: ObjectKey) throws(SystemError) -> ObjectInfo {
        let status = try folder(of: key, creating: false).status(of: name(of: key))
        guard status.isRegular else { throw SystemError(code: ENOENT) }
        return ObjectInfo(key: key, status)
    }

    func delete(_ key: ObjectKey) throws(SystemError) -> Bool {
        do throws(SystemError) {
            let folder = try folder(of: key, creating: false)
            guard unlinkat(folder.raw, name(of: key), 0) == 0 else { throw .last }
            try folder.synchronize()
        } catch {
            // EISDIR: the key is a folder of others, so no object has this name.
            if [ENOENT, ENOTDIR, ELOOP, EISDIR].contains(error.code) { return false }
            throw error
        }
        prune(key.segments.dropLast())
        return true
    }

    func list(prefix: String, after: ObjectKey?, limit: Int) throws(SystemError) -> ObjectPage {
        var listing = LocalListing(prefix: prefix, after: after?.text, limit: limit)
        let start = prefix.lastIndex(of: "/").map { prefix[...$0] } ?? ""
        let segments = start.isEmpty ? [] : start.dropLast().split(separator: "/", omittingEmptySubsequences: false)
        guard segments.allSatisfy({ isSegment($0.utf8) }) else { return listing.page }
        do throws(SystemError) {
            try listing.visit(walk(segments, creating: false), path: String(start))
        } catch {
            if ![ENOENT, ENOTDIR, ELOOP].contains(error.code) { throw error }
        }
        return listing.page
    }

    func space() throws(SystemError) -> StorageSpace {
        var status = statvfs()
        guard fstatvfs(root.raw, &status) == 0 else { throw .last }
        let unit = Int(status.f_frsize)
        return StorageSpace(free: Int(status.f_bavail) * unit, total: Int(status.f_blocks) * unit)
    }

    /// Writes a probe into the folder of incoming files, reads it back, and lets it go.
    func check() throws(SystemError) {
        let probe = try incoming.create()
        let written = Digest.randomBytes(16)
        try withBytes(of: written) { bytes throws(SystemError) in try probe.file.write(bytes) }
        try probe.file.synchronize()
        guard try bytes(of: probe.file, from: 0, count: 16) == written else { throw SystemError(code: EIO) }
    }

    /// A concurrent `delete` may remove a folder between its making and the rename: then the walk begins again. The
    /// bound only ends a loop that a foreign program would cause.
    private func publish(_ file: inout IncomingFile, at key: ObjectKey) throws(SystemError) {
        try file.file.synchronize()
        for attempt in 1... {
            do throws(SystemError) {
                let folder = try folder(of: key, creating: true)
                try file.publish(as: name(of: key), in: folder)
                return try folder.synchronize()
            } catch {
                guard error.code == ENOENT, attempt < 1000 else { throw error }
            }
        }
    }

    private func open(_ key: ObjectKey) throws(SystemError) -> FileDescriptor {
        // Without O_NONBLOCK, a named pipe in the folder would stop the thread for ever.
        let file = try FileDescriptor.open(
            name(of: key),
            in: folder(of: key, creating: false),
            O_RDONLY | O_NONBLOCK,
        )
        guard try file.status().isRegular else { throw SystemError(code: ENOENT) }
        return file
    }

    func folder(of key: ObjectKey, creating: Bool) throws(SystemError) -> FileDescriptor {
        try walk(key.segments.dropLast(), creating: creating)
    }

    func walk(_ segments: some Sequence<Substring>, creating: Bool) throws(SystemError) -> FileDescriptor {
        var folder = try root.duplicate()
        for segment in segments { folder = try step(to: segment, from: folder, creating: creating) }
        return folder
    }

    private func step(
        to segment: Substring,
        from folder: borrowing FileDescriptor,
        creating: Bool,
    ) throws(SystemError)
        -> FileDescriptor
    {
        do throws(SystemError) {
            return try .open(segment, in: folder, O_RDONLY | O_DIRECTORY)
        } catch {
            guard creating, error.code == ENOENT else { throw error }
        }
        if mkdirat(folder.raw, String(segment), folderMode) == 0 {
            try folder.synchronize()
        } else if errno != EEXIST {
            throw .last
        }
        return try .open(segment, in: folder, O_RDONLY | O_DIRECTORY)
    }

    /// Removes the folders that have become empty, the innermost first. The system refuses a folder with anything in
    /// it, so a concurrent `put` is safe.
    func prune(_ segments: ArraySlice<Substring>) {
        var segments = segments
        while let last = segments.popLast() {
            guard let parent = try? walk(segments, creating: false),
                unlinkat(parent.raw, String(last), AT_REMOVEDIR) == 0
            else { return }
        }
    }
}

func name(of key: ObjectKey) -> String { key.segments.last.map(String.init) ?? "" }

func bytes(of file: borrowing FileDescriptor, from offset: Int, count: Int) throws(SystemError) -> [UInt8] {
    var failure: SystemError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        do throws(SystemError) {
            filled = try file.read(into: UnsafeMutableRawBufferPointer(buffer), from: offset)
        } catch {
            failure = error
        }
    }
    if let failure { throw failure }
    return bytes
}

private func copy(from source: borrowing FileDescriptor, to target: borrowing FileDescriptor) throws(SystemError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { buffer.deallocate() }
    var offset = 0
    while true {
        let count = try source.read(into: buffer, from: offset)
        if count == 0 { return }
        try target.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        offset += count
    }
}

/// `withUnsafeBytes` with a typed error.
private func withBytes(
    of bytes: [UInt8],
    _ body: (UnsafeRawBufferPointer) throws(SystemError) -> Void,
) throws(SystemError) {
    let result = bytes.withUnsafeBytes { buffer in
        Result { () throws(SystemError) in try body(buffer) }
    }
    try result.get()
}

/// `mkdir -p`, for the root only: its path is the operator's.
private func makeFolders(_ path: String) throws(SystemError) {
    if mkdir(path, folderMode) == 0 || errno == EEXIST { return }
    guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else { throw .last }
    try makeFolders(String(path[..<slash]))
    guard mkdir(path, folderMode) == 0 || errno == EEXIST else { throw .last }
}

extension ObjectInfo {
    init(key: ObjectKey, _ status: stat) {
        let time = status.st_mtim
        self.init(
            key: key,
            size: Int(status.st_size),
            modified: Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000),
        )
    }
}
