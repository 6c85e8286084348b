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
    /// The values that documents have for a filter such as `tag`, `emotion`, `lib`, `color` or `type`: the most frequent
    /// first, equal ones by name.
    package func labels(of filter: String, limit: Int = 200) -> [LabelCount] {
        let prefix = "\(filter):"
        let found = state.read { state in
            state.labels.places.compactMap { label, place -> LabelCount? in
                guard label.hasPrefix(prefix) else { return nil }
                let count = state.labels.lists[Int(place)].count
                return LabelCount(name: String(label.dropFirst(prefix.count)), count: count)
            }
        }
        return Array(found.sorted { ($1.count, $0.name) < ($0.count, $1.name) }.prefix(limit))
    }
}
