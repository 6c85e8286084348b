import Kernel

/// Values, counters and limits with an end, in bounded memory.
struct BoundedEntries: Sendable {
    enum Key: Hashable, Sendable {
        case budget(String)
        case counter(String)
        case limit(String)
        case value(String)

        var text: String {
            switch self {
            case .budget(let text), .counter(let text), .limit(let text), .value(let text): text
            }
        }
    }

    enum Content: Sendable {
        case budget(BudgetWindows)
        case bytes([UInt8])
        case count(Int)
        case window(SlidingWindow)

        var budget: BudgetWindows? { if case .budget(let windows) = self { windows } else { nil } }
        var bytes: [UInt8]? { if case .bytes(let bytes) = self { bytes } else { nil } }
        var count: Int? { if case .count(let count) = self { count } else { nil } }
        var window: SlidingWindow? { if case .window(let window) = self { window } else { nil } }
    }

    private struct Entry {
        var content: Content
        var expiry: Timestamp
        var lastUse: UInt64
        let bytes: Int
    }

    private let maxEntries: Int
    private let maxBytes: Int
    private var entries: [Key: Entry] = [:]
    private var bytes = 0
    private var clock: UInt64 = 0
    private var evicted = 0

    init(_ maxEntries: Int, _ maxBytes: Int) {
        self.maxEntries = maxEntries
        self.maxBytes = maxBytes
    }

    var count: Int { entries.count }

    mutating func find(_ key: Key, at now: Timestamp) -> Content? {
        guard let index = entries.index(forKey: key) else { return nil }
        guard entries.values[index].expiry > now else {
            drop(key)
            return nil
        }
        entries.values[index].lastUse = tick()
        return entries.values[index].content
    }

    /// The end of an entry that `find` has just found.
    func expiry(of key: Key) -> Timestamp? { entries[key]?.expiry }

    /// - Returns: `false` when the content is too great to be kept; what was there before is gone then.
    @discardableResult
    mutating func store(_ content: Content, at key: Key, until expiry: Timestamp, now: Timestamp) -> Bool {
        drop(key)
        let size = cost(key, content)
        guard size <= maxBytes else { return false }
        if entries.count >= maxEntries || bytes + size > maxBytes { makeRoom(for: size, now: now) }
        entries[key] = Entry(content: content, expiry: expiry, lastUse: tick(), bytes: size)
        bytes += size
        return true
    }

    /// - Returns: Whether there was an entry that had not expired.
    mutating func remove(_ key: Key, at now: Timestamp) -> Bool {
        let isThere = entries[key].map { $0.expiry > now } ?? false
        drop(key)
        return isThere
    }

    mutating func remove(prefix: String, at now: Timestamp) -> Int {
        let keys = entries.keys.filter { key in
            switch key {
            case .budget, .limit: false
            case .counter, .value: key.text.hasPrefix(prefix)
            }
        }
        return keys.reduce(0) { $0 + (remove($1, at: now) ? 1 : 0) }
    }

    /// How many entries were dropped before their time since the last call.
    mutating func takeEvicted() -> Int {
        defer { evicted = 0 }
        return evicted
    }

    /// Frees a sixteenth more than is needed, so that the sorting is paid once for many entries.
    private mutating func makeRoom(for size: Int, now: Timestamp) {
        for (key, entry) in entries where entry.expiry <= now { drop(key) }
        let spareEntries = maxEntries - max(1, maxEntries / 16)
        let spareBytes = maxBytes - max(size, maxBytes / 16)
        guard entries.count > spareEntries || bytes > spareBytes else { return }
        for (key, _) in entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
            guard entries.count > spareEntries || bytes > spareBytes else { return }
            drop(key)
            evicted += 1
        }
    }

    private mutating func drop(_ key: Key) {
        if let entry = entries.removeValue(forKey: key) { bytes -= entry.bytes }
    }

    private mutating func tick() -> UInt64 {
        clock += 1
        return clock
    }
}

/// A fair guess of the memory: the table's slot and, for a window, its 65 slices at most.
private func cost(_ key: BoundedEntries.Key, _ content: BoundedEntries.Content) -> Int {
    let contentBytes =
        switch content {
        case .budget(let windows): windows.count * (65 * 16 + 64)
        case .bytes(let bytes): bytes.count + 32
        case .count: 0
        case .window: 65 * 16
        }
    return 96 + key.text.utf8.count + contentBytes
}
