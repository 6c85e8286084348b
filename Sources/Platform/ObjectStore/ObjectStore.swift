import Kernel

/// Bytes by key, on local disks or in S3.
///
/// An object is whole or not there: a reader sees the old bytes or the new ones, never a mixture, and `put` returns
/// only when the bytes survive a power cut. Objects are replaced silently; the last `put` to end wins.
package protocol ObjectStore: Sendable {
    /// Stores `bytes`, replacing what was there.
    func put(_ bytes: [UInt8], at key: ObjectKey) async throws(StorageError)

    /// Stores the bytes of the regular file at `path`, which must not change meanwhile.
    ///
    /// With `moving` the file is given away: on the same file system it becomes the object without a copy, and after
    /// success nothing is left at `path`. After an error the file is still there, unless the error came after the
    /// object had taken its place.
    func putFile(_ path: String, at key: ObjectKey, moving: Bool) async throws(StorageError)

    /// All bytes of the object, in memory.
    func get(_ key: ObjectKey) async throws(StorageError) -> [UInt8]

    /// The bytes of `range`, fewer when the object ends within it.
    ///
    /// - Throws: ``StorageError/outOfRange(size:)`` when the range begins at or behind the object's end.
    func get(_ key: ObjectKey, range: Range<Int>) async throws(StorageError) -> [UInt8]

    /// Size and time of the object.
    func info(_ key: ObjectKey) async throws(StorageError) -> ObjectInfo

    /// Removes the object.
    ///
    /// - Returns: Whether there was one.
    @discardableResult func delete(_ key: ObjectKey) async throws(StorageError) -> Bool

    /// Removes objects that are there; together they cost less than one by one. An error leaves some of them.
    ///
    /// - Returns: How many there were.
    @discardableResult func delete(_ keys: [ObjectKey]) async throws(StorageError) -> Int

    /// Removes every object whose key begins with one of the prefixes, of which none is empty. An error leaves some of
    /// them.
    ///
    /// - Returns: How many there were.
    @discardableResult func deleteAll(prefixes: [String]) async throws(StorageError) -> Int

    /// A page of the objects whose key begins with `prefix` (any text, `""` for all), in ASCII order of their keys.
    ///
    /// Only keys greater than `after` are listed, which need not exist; `limit` is the number of objects in the page,
    /// 1...1,000, and other values are moved into that range.
    func list(prefix: String, after: ObjectKey?, limit: Int) async throws(StorageError) -> ObjectPage

    /// The file that holds the object, for `sendfile`; `nil` when objects are not files here. Whether the object
    /// exists is not looked at.
    func localPath(_ key: ObjectKey) -> String?

    /// A URL that reads the object without credentials for `expires`, or up to a quarter less; `nil` when there is no
    /// such thing here.
    func presign(_ key: ObjectKey, expires: Duration) async throws(StorageError) -> String?

    /// The room that is left; `nil` when it has no bound.
    func space() async throws(StorageError) -> StorageSpace?

    /// Writes, reads and removes a probe, for health checks.
    func check() async throws(StorageError)
}

extension ObjectStore {
    /// Stores a copy of the file at `path`, which stays.
    package func putFile(_ path: String, at key: ObjectKey) async throws(StorageError) {
        try await putFile(path, at: key, moving: false)
    }

    /// The first objects whose key begins with `prefix`.
    package func list(prefix: String, limit: Int = 1000) async throws(StorageError) -> ObjectPage {
        try await list(prefix: prefix, after: nil, limit: limit)
    }

    /// Removes every object whose key begins with `prefix`, page by page and eight at a time. An error leaves the rest.
    ///
    /// - Returns: How many were removed.
    @discardableResult
    package func deleteAll(prefix: String) async throws(StorageError) -> Int {
        var removed = 0
        var last: ObjectKey?
        repeat {
            let page = try await list(prefix: prefix, after: last, limit: 1000)
            removed += try await delete(page.objects.map(\.key))
            last = page.next
        } while last != nil
        return removed
    }

    /// Prefix by prefix.
    @discardableResult
    package func deleteAll(prefixes: [String]) async throws(StorageError) -> Int {
        var removed = 0
        for prefix in prefixes { removed += try await deleteAll(prefix: prefix) }
        return removed
    }

    /// Eight at a time.
    @discardableResult
    package func delete(_ keys: [ObjectKey]) async throws(StorageError) -> Int {
        do {
            return try await withThrowingTaskGroup(of: Bool.self) { group in
                var removed = 0
                for (index, key) in keys.enumerated() {
                    if index >= 8, try await group.next() == true { removed += 1 }
                    group.addTask { try await delete(key) }
                }
                for try await wasThere in group where wasThere { removed += 1 }
                return removed
            }
        } catch {
            throw error as? StorageError ?? .unavailable(reason: "\(error)")
        }
    }
}

/// What is known of an object without reading it.
package struct ObjectInfo: Sendable, Hashable {
    package let key: ObjectKey
    /// In bytes.
    package let size: Int
    /// When it was stored, or when the file that was moved in was last written.
    package let modified: Timestamp

    package init(key: ObjectKey, size: Int, modified: Timestamp) {
        self.key = key
        self.size = size
        self.modified = modified
    }
}

/// Part of a listing.
package struct ObjectPage: Sendable {
    package let objects: [ObjectInfo]
    /// What to give as `after` for the next page; `nil` when this is the last one.
    package let next: ObjectKey?

    package init(objects: [ObjectInfo], next: ObjectKey?) {
        self.objects = objects
        self.next = next
    }
}

/// The room of a store, in bytes.
package struct StorageSpace: Sendable, Hashable {
    /// What this process may still use.
    package let free: Int
    package let total: Int

    package init(free: Int, total: Int) {
        self.free = free
        self.total = total
    }
}
