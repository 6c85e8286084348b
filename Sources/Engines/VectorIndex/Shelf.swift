/// Rows that are scanned together: in a flat index the next few thousand, else the list of one centroid.
///
/// A copy is a snapshot: rows that come later stand in slots behind its `count`, and deaths are marked in its own bits.
struct Shelf: Sendable {
    private(set) var block: Block
    /// Slots in use, those of dead rows included.
    private(set) var count = 0
    /// A bit for each slot whose row was removed; empty while there is none.
    private(set) var dead: [UInt64] = []
    private(set) var deadCount = 0

    init(capacity: Int, width: Int) { block = Block(capacity: capacity, width: width) }

    var liveCount: Int { count - deadCount }
    var isFull: Bool { count == block.capacity }
    /// Whether so many rows are dead that the scan wastes as much time as it uses.
    var wantsCompaction: Bool { deadCount * 2 > count && count >= 32 }

    func isLive(_ slot: Int) -> Bool {
        dead.isEmpty || dead[slot >> 6] >> UInt64(slot & 63) & 1 == 0
    }

    /// Appends a vector of length 1; the shelf is not full.
    mutating func append(_ vector: UnsafeBufferPointer<Float>, number: UInt32) {
        block.write(vector, number: number, to: count)
        didAppend()
    }

    /// Appends a row of another shelf; this one is not full.
    mutating func append(_ slot: Int, of other: Shelf) {
        block.copy(slot..<slot + 1, of: other.block, to: count)
        didAppend()
    }

    private mutating func didAppend() {
        count += 1
        if !dead.isEmpty, dead.count * 64 < count { dead.append(0) }
    }

    mutating func kill(_ slot: Int) {
        if dead.isEmpty { dead = [UInt64](repeating: 0, count: (count + 63) / 64) }
        dead[slot >> 6] |= 1 << UInt64(slot & 63)
        deadCount += 1
    }

    /// The same rows in the same slots with room for `capacity`.
    func grown(to capacity: Int) -> Shelf {
        var shelf = self
        shelf.block = Block(capacity: capacity, width: block.width)
        shelf.block.copy(0..<count, of: block, to: 0)
        return shelf
    }

    /// The live rows only, in the same order.
    func compacted(capacity: Int) -> Shelf {
        var shelf = Shelf(capacity: capacity, width: block.width)
        for slot in 0..<count where isLive(slot) { shelf.append(slot, of: self) }
        return shelf
    }
}
