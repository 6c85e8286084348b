/// The order in which a person reads boxes: a page is cut where a gap goes through it, into columns where both have
/// several lines, else into rows (Nagy and Seth, "Hierarchical representation of optically scanned documents", 1984).
struct ReadingOrder {
    /// A block's box, how many lines it has, and how large they are.
    struct Item {
        let box: TextBox
        let lines: Int
        let em: Double
    }

    private let items: [Item]

    init(_ items: [Item]) { self.items = items }

    /// Places in the list that was given, in order.
    func indices() -> [Int] { order(Array(items.indices)) }

    private func order(_ part: [Int]) -> [Int] {
        guard part.count > 1 else { return part }
        let columns = columns(part)
        if isColumnar(columns) { return columns.flatMap(order) }
        let rows = groups(part, from: { $0.y }, to: { $0.bottom }, gap: 0)
        if rows.count > 1 { return orderRows(rows[...]) }
        if columns.count > 1 { return columns.flatMap(order) }
        return part.sorted { (items[$0].box.y, items[$0].box.x) < (items[$1].box.y, items[$1].box.x) }
    }

    /// Rows that together are columns, such as paragraphs that happen to begin at one height, are read as columns.
    private func orderRows(_ rows: ArraySlice<[Int]>) -> [Int] {
        guard let first = rows.first else { return [] }
        // Bounded, since each try costs time and pictures with hundreds of rows are lists.
        let most = min(rows.endIndex, rows.startIndex + 30)
        for end in stride(from: most, to: rows.startIndex + 1, by: -1) {
            let columns = columns(rows[..<end].flatMap { $0 })
            if isColumnar(columns) { return columns.flatMap(order) + orderRows(rows[end...]) }
        }
        return order(first) + orderRows(rows.dropFirst())
    }

    private func columns(_ part: [Int]) -> [[Int]] { groups(part, from: { $0.x }, to: { $0.right }, gap: 0.8) }

    /// Labels in a grid are no columns: they are single lines.
    private func isColumnar(_ columns: [[Int]]) -> Bool {
        columns.count > 1
            && columns.allSatisfy { column in
                column.reduce(0) { $0 + items[$1].lines } >= 4 && items[column[0]].lines > 1
            }
    }

    /// Cut at gaps that nothing reaches into, each wider than `gap` ems.
    private func groups(
        _ part: [Int],
        from: (TextBox) -> Int,
        to: (TextBox) -> Int,
        gap: Double,
    ) -> [[Int]] {
        var groups: [[Int]] = []
        var end = Int.min
        for index in part.sorted(by: { from(items[$0].box) < from(items[$1].box) }) {
            let item = items[index]
            if groups.isEmpty || from(item.box) - end > Int(gap * item.em) {
                groups.append([index])
            } else {
                groups[groups.count - 1].append(index)
            }
            end = max(end, to(item.box))
        }
        return groups
    }
}
