internal import CVectors
import Glibc

/// Room for rows, allocated once: two planes of codes (see `CVectors.h`), scales and numbers.
///
/// It is `Sendable` because a slot is written once, by the index's one writer, before any reader is told of it; after
/// that it never changes.
final class Block: @unchecked Sendable {
    let capacity: Int
    let width: Int
    let high: UnsafeMutablePointer<UInt8>
    let low: UnsafeMutablePointer<Int8>
    let scales: UnsafeMutablePointer<Float>
    let numbers: UnsafeMutablePointer<UInt32>
    private let memory: UnsafeMutableRawPointer

    private static let hugePage = 2 << 20

    /// Bytes of a row, without what a number costs in the index's map.
    static func rowBytes(width: Int) -> Int { 2 * width + 8 }

    /// `width`: A multiple of 64, so that rows begin at cache lines.
    init(capacity: Int, width: Int) {
        self.capacity = capacity
        self.width = width
        memory = Self.allocate(capacity * Self.rowBytes(width: width))
        high = memory.assumingMemoryBound(to: UInt8.self)
        low = (memory + capacity * width).assumingMemoryBound(to: Int8.self)
        scales = (memory + capacity * width * 2).assumingMemoryBound(to: Float.self)
        numbers = (memory + capacity * (width * 2 + 4)).assumingMemoryBound(to: UInt32.self)
    }

    var byteCount: Int { capacity * Self.rowBytes(width: width) }

    deinit {
        if byteCount < Self.hugePage { memory.deallocate() } else { munmap(memory, Self.mappedBytes(byteCount)) }
    }

    /// Large blocks come from the system and go back to it at once: freed ones would stay with the allocator, and a
    /// rebuild frees as much as the index has. In pages of 2 MB a scan of 100,000 rows takes 8 % less time.
    private static func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
        guard bytes >= hugePage else { return .allocate(byteCount: max(bytes, 1), alignment: 64) }
        let (protection, flags) = (PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS)
        guard let memory = mmap(nil, mappedBytes(bytes), protection, flags, -1, 0), memory != MAP_FAILED else {
            preconditionFailure("no memory for \(bytes) bytes of vectors")
        }
        madvise(memory, mappedBytes(bytes), MADV_HUGEPAGE)
        return memory
    }

    /// Whole pages, so that the system places the block where they fit.
    private static func mappedBytes(_ bytes: Int) -> Int { (bytes + hugePage - 1) / hugePage * hugePage }

    /// Writes a vector of length 1 into a free slot.
    func write(_ vector: UnsafeBufferPointer<Float>, number: UInt32, to slot: Int) {
        numbers[slot] = number
        scales[slot] = cvectors_encode(
            vector.baseAddress,
            vector.count,
            width,
            high + slot * width,
            low + slot * width,
        )
    }

    /// Copies rows of another block into free slots.
    func copy(_ slots: Range<Int>, of other: Block, to slot: Int) {
        (high + slot * width).update(from: other.high + slots.lowerBound * width, count: slots.count * width)
        (low + slot * width).update(from: other.low + slots.lowerBound * width, count: slots.count * width)
        (scales + slot).update(from: other.scales + slots.lowerBound, count: slots.count)
        (numbers + slot).update(from: other.numbers + slots.lowerBound, count: slots.count)
    }
}
