import Glibc
import Kernel

/// Collects a page of keys from folders. Names of folders are compared with the `/` that follows them in a key:
/// then the order of the walk is the order of the keys (`a-b` before `a/c`, because `-` comes before `/`).
struct LocalListing {
    private let prefix: String
    private let after: String?
    private let limit: Int
    private var found: [ObjectInfo] = []

    init(prefix: String, after: String?, limit: Int) {
        self.prefix = prefix
        self.after = after
        self.limit = min(max(limit, 1), 1000)
    }

    /// What was found; one more than the limit is looked for, to know whether there is another page.
    var page: ObjectPage {
        guard found.count > limit else { return ObjectPage(objects: found, next: nil) }
        return ObjectPage(objects: Array(found.dropLast()), next: found[limit - 1].key)
    }

    private var isFull: Bool { found.count > limit }

    /// Collects from `folder`; `path` is the keys' part up to here, ending with `/` unless it is empty.
    mutating func visit(_ folder: borrowing FileDescriptor, path: String) throws(SystemError) {
        let candidates = try entries(of: folder)
            .filter { isSegment($0.name.utf8) }
            .map { (entry: $0, key: path + $0.name + ($0.isFolder ? "/" : "")) }
            .sorted { $0.key < $1.key }
        for (entry, key) in candidates {
            if isFull { return }
            guard entry.isFolder ? mayContain(key) : isWanted(key) else { continue }
            try ignoringMissing { () throws(SystemError) in
                if entry.isFolder {
                    try visit(.open(entry.name, in: folder, O_RDONLY | O_DIRECTORY), path: key)
                } else if let object = ObjectKey(key) {
                    found.append(ObjectInfo(key: object, try folder.status(of: entry.name)))
                }
            }
        }
    }

    private func isWanted(_ key: String) -> Bool {
        key.hasPrefix(prefix) && after.map { key > $0 } ?? true
    }

    /// Whether a folder, given as the beginning of its keys, can hold a wanted key.
    private func mayContain(_ beginning: String) -> Bool {
        guard beginning.hasPrefix(prefix) || prefix.hasPrefix(beginning) else { return false }
        return after.map { beginning > $0 || $0.hasPrefix(beginning) } ?? true
    }
}

/// What is deleted during a listing may be listed or not; it is no error.
private func ignoringMissing(_ body: () throws(SystemError) -> Void) throws(SystemError) {
    do throws(SystemError) { try body() } catch {
        if ![ENOENT, ENOTDIR].contains(error.code) { throw error }
    }
}
