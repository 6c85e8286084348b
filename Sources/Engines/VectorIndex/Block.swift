internal import CVectors

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

    /// Bytes of a row, without what a number costs in the index's map.
    static func rowBytes(width: Int) -> Int { 2 * width + 8 }

    init(capacity: Int, width: Int) {
        self.capacity = capacity
        self.width = width
        // Rows begin at cache lines: `width` is a multiple of 64.
        memory = .allocate(byteCount: max(capacity * Self.rowBytes(width: width), 1), alignment: 64)
        high = memory.assumingMemoryBound(to: UInt8.self)
        low = (memory + capacity * width).assumingMemoryBound(to: Int8.self)
        scales = (memory + capacity * width * 2).assumingMemoryBound(to: Float.self)
        numbers = (memory + capacity * (width * 2 + 4)).assumingMemoryBound(to: UInt32.self)
    }

    var byteCount: Int { capacity * Self.rowBytes(width: width) }

    deinit { memory.deallocate() }

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
