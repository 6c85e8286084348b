internal import CVectors
import Kernel

/// The middles of the lists: which list a row belongs to, and which lists lie near a query.
struct Centroids: Sendable {
    private let rows: Shelf

    /// `rows`: One row for each list, at least one; all live.
    init(_ rows: Shelf) { self.rows = rows }

    var count: Int { rows.count }

    /// For each of the slots of `shelf` the list whose centroid is nearest.
    func nearest(to slots: Range<Int>, of shelf: Shelf) -> [UInt32] {
        let width = shelf.block.width
        return [UInt32](unsafeUninitializedCapacity: slots.count) { nearest, count in
            count = slots.count
            cvectors_assign(
                level,
                shelf.block.high + slots.lowerBound * width,
                slots.count,
                width,
                rows.block.high,
                rows.block.scales,
                rows.count,
                nearest.baseAddress,
            )
        }
    }

    /// The `limit` lists nearest to the query.
    func nearest(to query: Query, limit: Int) -> [Int] {
        let scan = Scan(capacity: rows.count)
        scan.add(rows, index: 0, query: query, allowed: nil)
        return scan.best(limit).map { Int($0.slot) }
    }

    /// Rows taken by chance, to begin with.
    static func chosen(_ count: Int, from sample: Shelf, using random: inout some RandomNumberGenerator) -> Centroids {
        var rows = Shelf(capacity: count, width: sample.block.width)
        for slot in (0..<sample.count).shuffled(using: &random).prefix(count) { rows.append(slot, of: sample) }
        return Centroids(rows)
    }

    /// The means of the rows that each list won, at length 1: one step of spherical k-means. A list that won none
    /// begins anew at a row of the sample.
    func moved(
        to sample: Shelf,
        nearest: [UInt32],
        dimensions: Int,
        using random: inout some RandomNumberGenerator,
    ) -> Centroids {
        let width = sample.block.width
        var sums = [Float](repeating: 0, count: count * width)
        sums.withUnsafeMutableBufferPointer { sums in
            guard let start = sums.baseAddress else { return }
            for (slot, list) in nearest.enumerated() {
                sample.block.add(slot, to: start + Int(list) * width)
            }
        }
        var moved = Shelf(capacity: count, width: width)
        for list in 0..<count {
            let mean = Array(sums[list * width..<list * width + dimensions])
            if let mean = try? normalized(mean, dimensions: dimensions) {
                mean.withUnsafeBufferPointer { moved.append($0, number: 0) }
            } else {
                moved.append(Int.random(in: 0..<sample.count, using: &random), of: sample)
            }
        }
        return Centroids(moved)
    }
}

extension Block {
    /// Adds the decoded row to `sum`.
    fileprivate func add(_ slot: Int, to sum: UnsafeMutablePointer<Float>) {
        cvectors_add(high + slot * width, low + slot * width, scales[slot], width, sum)
    }
}
