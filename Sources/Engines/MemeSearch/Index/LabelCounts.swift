import Kernel

/// Something that memes can be filtered by, and how many it lets pass.
package struct LabelCount: Sendable, Equatable {
    package let name: String
    package let count: Int

    package init(name: String, count: Int) {
        self.name = name
        self.count = count
    }
}

extension LexicalIndex {
    /// The values that documents have for each of `filters`, such as `tag`, `emotion`, `lib`, `color` or `type`: at most
    /// `limit` of each, the most frequent first, equal ones by name.
    package func labels(of filters: [String], limit: Int = 100) -> [String: [LabelCount]] {
        var best: [String: [LabelCount]] = [:]
        state.read { state in
            for (label, place) in state.labels.places {
                guard let colon = label.firstIndex(of: ":") else { continue }
                let filter = String(label[..<colon])
                guard filters.contains(filter) else { continue }
                let name = String(label[label.index(after: colon)...])
                let value = LabelCount(name: name, count: state.labels.lists[Int(place)].count)
                insert(value, into: &best[filter, default: []], limit: limit)
            }
        }
        return best
    }
}

/// Keeps the list sorted and short: of many values few get in.
private func insert(_ value: LabelCount, into list: inout [LabelCount], limit: Int) {
    func isBefore(_ left: LabelCount, _ right: LabelCount) -> Bool {
        (right.count, left.name) < (left.count, right.name)
    }
    if list.count == limit, let last = list.last, !isBefore(value, last) { return }
    list.insert(value, at: list.partitioningIndex { !isBefore($0, value) })
    if list.count > limit { list.removeLast() }
}
