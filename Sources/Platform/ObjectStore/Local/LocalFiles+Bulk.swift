import Glibc

/// Removing many objects: each folder is synced once.
extension LocalFiles {
    func deleteAll(prefixes: [String]) throws(SystemError) -> Int {
        var keys: [ObjectKey] = []
        for prefix in prefixes {
            var last: ObjectKey?
            repeat {
                let page = try list(prefix: prefix, after: last, limit: 1000)
                keys += page.objects.map(\.key)
                last = page.next
            } while last != nil
        }
        return try delete(keys)
    }

    func delete(_ keys: [ObjectKey]) throws(SystemError) -> Int {
        var removed = 0
        var parents: Set<[Substring]> = []
        for (segments, keys) in Dictionary(grouping: keys, by: { $0.segments.dropLast() }) {
            let count = try unlink(keys, in: segments)
            removed += count
            guard count > 0 else { continue }
            if try isGone(segments) { parents.insert(Array(segments.dropLast())) }
        }
        for parent in parents {
            if let folder = try? walk(parent, creating: false) { try folder.synchronize() }
            prune(parent[...])
        }
        return removed
    }

    /// - Returns: How many were there.
    private func unlink(_ keys: [ObjectKey], in segments: ArraySlice<Substring>) throws(SystemError) -> Int {
        var removed = 0
        do throws(SystemError) {
            let folder = try walk(segments, creating: false)
            for key in keys {
                if unlinkat(folder.raw, name(of: key), 0) == 0 {
                    removed += 1
                } else if ![ENOENT, EISDIR].contains(errno) {
                    throw .last
                }
            }
        } catch {
            guard [ENOENT, ENOTDIR, ELOOP].contains(error.code) else { throw error }
        }
        return removed
    }

    /// Whether a folder was empty, so that it is there no more; it is synced otherwise.
    private func isGone(_ segments: ArraySlice<Substring>) throws(SystemError) -> Bool {
        guard let last = segments.last else {
            try walk(segments, creating: false).synchronize()
            return false
        }
        do throws(SystemError) {
            let parent = try walk(segments.dropLast(), creating: false)
            if unlinkat(parent.raw, String(last), AT_REMOVEDIR) == 0 { return true }
            try walk(segments, creating: false).synchronize()
            return false
        } catch {
            // Somebody else was quicker.
            if error.code == ENOENT { return true }
            throw error
        }
    }
}
