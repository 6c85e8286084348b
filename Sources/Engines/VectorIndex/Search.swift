internal import CVectors
import Kernel

/// One search over a snapshot: scan coarse scores, compute exact cosines of the best, keep the best part per number.
struct Search {
    let layout: Layout
    let query: Query
    /// Results wanted, at least 1.
    let count: Int
    let allowed: NumberSet?
    let settings: VectorIndex.Settings
    /// Asked between shelves.
    let isCancelled: () -> Bool

    /// - Throws: `CancellationError`.
    func run() throws -> [VectorIndex.Match] {
        let eligible = allowed.map(layout.numbers.countInCommon) ?? layout.numberCount
        guard eligible > 0 else { return [] }
        let packed = allowed.map { $0.intersection(layout.numbers).packed }
        if let near = layout.probed(for: query, eligible: eligible, settings: settings) {
            let matches = try matches(in: near, allowed: packed)
            // Lists near the query may hold too few: whoever asks for n gets n when so many are there.
            if matches.count == min(count, eligible) { return matches }
        }
        return try matches(in: Array(layout.shelves.indices), allowed: packed)
    }

    private func matches(in shelves: [Int], allowed: NumberSet.Packed?) throws -> [VectorIndex.Match] {
        let scan = Scan(capacity: shelves.reduce(0) { $0 + layout.shelves[$1].count })
        for index in shelves {
            if isCancelled() { throw CancellationError() }
            scan.add(layout.shelves[index], index: index, query: query, allowed: allowed)
        }
        var limit = count * 4 + 24
        while true {
            let best = bestParts(of: scan.best(limit))
            if best.count >= count || limit >= scan.count { return widened(best, scan: scan, limit: limit) }
            limit *= 4  // a number with many parts took the places of others
        }
    }

    /// Adds rows whose coarse score hides that they are nearer than the last result: among near-duplicates rounding
    /// decides who comes through.
    private func widened(_ best: [Candidate], scan: Scan, limit: Int) -> [VectorIndex.Match] {
        var best = best
        if best.count >= count {
            let near = scan.best(limit * 32, floor: best[count - 1].score - 4 * query.roundingError)
            if near.count > limit { best = bestParts(of: near + best) }
        }
        return best.prefix(count).map { .init(number: $0.number, cosine: $0.score) }
    }

    /// Exact cosines in order, the best for each number.
    private func bestParts(of candidates: [Candidate]) -> [Candidate] {
        var seen = Set<UInt32>()
        return candidates.map(exact).sorted(by: Candidate.isBetter).filter { seen.insert($0.number).inserted }
    }

    private func exact(_ candidate: Candidate) -> Candidate {
        let block = layout.shelves[Int(candidate.shelf)].block
        let (slot, start) = (Int(candidate.slot), Int(candidate.slot) * block.width)
        var (form, exact) = (query.form, candidate)
        exact.score = cvectors_cosine(level, &form, block.high + start, block.low + start, block.scales[slot])
        return exact
    }
}
