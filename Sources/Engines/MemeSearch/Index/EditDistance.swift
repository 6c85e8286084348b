/// How many insertions, deletions, substitutions and swaps of neighbours lead from one word to another, each place
/// edited once (optimal string alignment).
///
/// - Returns: The distance, or nil when it is more than `limit`.
func editDistance(_ first: [UInt32], _ second: [UInt32], limit: Int) -> Int? {
    guard abs(first.count - second.count) <= limit else { return nil }
    var beforeLast = [Int](repeating: 0, count: second.count + 1)
    var last = Array(0...second.count)
    var row = last
    for i in first.indices {
        row[0] = i + 1
        var smallest = row[0]
        for j in second.indices {
            let same = first[i] == second[j]
            var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (same ? 0 : 1))
            if i > 0, j > 0, first[i] == second[j - 1], first[i - 1] == second[j] {
                cost = min(cost, beforeLast[j - 1] + 1)
            }
            row[j + 1] = cost
            smallest = min(smallest, cost)
        }
        // Two rows may be skipped by one swap, so only both together end the search.
        guard smallest <= limit || (last.min() ?? 0) <= limit else { return nil }
        (beforeLast, last, row) = (last, row, beforeLast)
    }
    return last[second.count] <= limit ? last[second.count] : nil
}

/// How many edits a word of so many letters may be away: short words are too much like each other.
func allowedEdits(length: Int) -> Int {
    switch length {
    case ..<4: 0
    case ..<7: 1
    default: 2
    }
}
