internal import CVectors
import Kernel

/// Scores of many rows from the high plane alone, and the best of them.
final class Scan {
    /// Rows of one shelf, which lie together in `scores`.
    private struct Run {
        var shelf: Int
        var block: Block
        var start: Int
        var count: Int
        /// Whether `slots` says which rows they are; else they are the first of the shelf.
        var isPicked: Bool
    }

    private static let chunk = 1024

    private var runs: [Run] = []
    private let scores: UnsafeMutablePointer<Float>
    private let slots: UnsafeMutablePointer<UInt32>
    /// Rows scanned.
    private(set) var count = 0

    /// `capacity`: Slots of all the shelves that will be added.
    init(capacity: Int) {
        scores = .allocate(capacity: capacity)
        slots = .allocate(capacity: capacity)
    }

    deinit {
        scores.deallocate()
        slots.deallocate()
    }

    /// Scans the live rows whose number is allowed.
    func add(_ shelf: Shelf, index: Int, query: Query, allowed: NumberSet.Packed?) {
        let block = shelf.block
        var run = Run(shelf: index, block: block, start: count, count: shelf.count, isPicked: false)
        if allowed != nil || shelf.deadCount > 0 {
            run.isPicked = true
            run.count = pick(from: shelf, allowed: allowed)
        }
        guard run.count > 0 else { return }
        var form = query.form
        cvectors_scan(
            level,
            &form,
            block.high,
            block.scales,
            run.isPicked ? slots + run.start : nil,
            run.count,
            scores + run.start,
        )
        runs.append(run)
        count += run.count
    }

    private func pick(from shelf: Shelf, allowed: NumberSet.Packed?) -> Int {
        shelf.dead.withUnsafeBufferPointer { dead in
            let dead = shelf.deadCount > 0 ? dead.baseAddress : nil
            let (numbers, free) = (shelf.block.numbers, slots + count)
            guard let allowed else { return cvectors_pick(numbers, shelf.count, dead, nil, free) }
            return allowed.pageOfHigh.withUnsafeBufferPointer { pages in
                allowed.words.withUnsafeBufferPointer { words in
                    var bitmap = cvectors_bitmap(
                        page_of_high: pages.baseAddress,
                        pages: pages.count,
                        words: words.baseAddress,
                    )
                    return cvectors_pick(numbers, shelf.count, dead, &bitmap, free)
                }
            }
        }
    }

    /// The best `limit` rows whose score is at least `floor`, in no order.
    func best(_ limit: Int, floor: Float = -.infinity) -> [Candidate] {
        var top = TopRows(limit: limit, floor: floor)
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: Self.chunk) { found in
            for run in runs {
                for offset in stride(from: 0, to: run.count, by: Self.chunk) {
                    let (start, size) = (run.start + offset, min(Self.chunk, run.count - offset))
                    let hits = cvectors_at_least(level, scores + start, size, top.floor, found.baseAddress)
                    for hit in found.prefix(hits) { top.offer(candidate(run, at: offset + Int(hit))) }
                }
            }
        }
        return top.heap
    }

    private func candidate(_ run: Run, at offset: Int) -> Candidate {
        let slot = run.isPicked ? Int(slots[run.start + offset]) : offset
        return Candidate(
            score: scores[run.start + offset],
            number: run.block.numbers[slot],
            shelf: Int32(run.shelf),
            slot: Int32(slot),
        )
    }
}
