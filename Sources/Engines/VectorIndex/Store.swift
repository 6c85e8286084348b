import Kernel

/// What the index's one writer keeps: the shelves, and where the rows of each number stand.
struct Store: Sendable {
    private struct Place: Sendable, Equatable {
        var shelf: Int32
        var slot: Int32
    }

    /// The size of a full shelf in a flat index: two of the system's large pages.
    static let shelfBytes = 4 << 20

    let dimensions: Int
    private let width: Int
    private var shelfRows: Int { Self.shelfBytes / Block.rowBytes(width: width) }
    private(set) var layout = Layout()
    private(set) var rowCount = 0
    /// Shelves changed since they were last published, with repetitions.
    private var touched: [Int] = []
    /// The first part of each number. Most have one, so the others stand apart.
    private var first: [UInt32: Place] = [:]
    private var others: [UInt32: [Place]] = [:]
    /// In a flat index the shelves with room; the last is filled next.
    private var roomy: [Int] = []

    /// `centroids`: Nil for a flat index.
    /// `capacities`: Rows expected in each list.
    init(dimensions: Int, centroids: Centroids? = nil, capacities: [Int] = []) {
        self.dimensions = dimensions
        width = (dimensions + 63) / 64 * 64
        layout.centroids = centroids
        layout.shelves = capacities.map { [width] in Shelf(capacity: $0, width: width) }
    }

    /// Replaces the rows of `number`. `vectors`: Of length 1, at least one.
    mutating func put(_ number: UInt32, _ vectors: [[Float]]) {
        remove(number)
        for vector in vectors {
            let shelf = shelfForNext(list: list(for: vector))
            vector.withUnsafeBufferPointer { layout.shelves[shelf].append($0, number: number) }
            didAppend(number, to: shelf)
        }
    }

    /// Appends a live row of another store. `list`: The list it belongs to; nil in a flat index.
    mutating func adopt(_ slot: Int, of other: Shelf, list: Int?) {
        let shelf = shelfForNext(list: list)
        layout.shelves[shelf].append(slot, of: other)
        didAppend(other.block.numbers[slot], to: shelf)
    }

    /// Does nothing when `number` has no rows.
    mutating func remove(_ number: UInt32) {
        guard let place = first.removeValue(forKey: number) else { return }
        layout.numbers.remove(number)
        layout.numberCount -= 1
        let places = [place] + (others.removeValue(forKey: number) ?? [])
        rowCount -= places.count
        for place in places {
            layout.shelves[Int(place.shelf)].kill(Int(place.slot))
            touched.append(Int(place.shelf))
        }
        for place in places where layout.shelves[Int(place.shelf)].wantsCompaction { compact(Int(place.shelf)) }
    }

    /// The rows of `number` as (shelf, slot).
    func places(of number: UInt32) -> [(shelf: Int, slot: Int)] {
        guard let place = first[number] else { return [] }
        return ([place] + (others[number] ?? [])).map { (Int($0.shelf), Int($0.slot)) }
    }

    /// Brings a reader's layout up to date.
    mutating func publish(to readers: inout Layout) {
        for index in touched {
            if index < readers.shelves.count {
                readers.shelves[index] = layout.shelves[index]
            } else {
                readers.shelves.append(layout.shelves[index])
            }
        }
        touched.removeAll(keepingCapacity: true)
        readers.numbers = layout.numbers
        readers.numberCount = layout.numberCount
    }

    private func list(for vector: [Float]) -> Int? {
        guard let centroids = layout.centroids else { return nil }
        var row = Shelf(capacity: 1, width: width)
        vector.withUnsafeBufferPointer { row.append($0, number: 0) }
        return Int(centroids.nearest(to: 0..<1, of: row)[0])
    }

    /// The list, or the open shelf of a flat index, with room for one row more.
    private mutating func shelfForNext(list: Int?) -> Int {
        let index = list ?? openShelf()
        let shelf = layout.shelves[index]
        if shelf.isFull {
            // Half as much again for lists, which are many; the flat index's one open shelf doubles up to its size.
            let capacity =
                layout.centroids == nil
                ? min(max(shelf.count * 2, 64), shelfRows)
                : shelf.count + max(shelf.count / 2, 16)
            layout.shelves[index] = shelf.grown(to: capacity)
        }
        return index
    }

    private mutating func openShelf() -> Int {
        while let index = roomy.last {
            if layout.shelves[index].count < shelfRows { return index }
            roomy.removeLast()
        }
        layout.shelves.append(Shelf(capacity: 64, width: width))
        roomy.append(layout.shelves.count - 1)
        return layout.shelves.count - 1
    }

    private mutating func didAppend(_ number: UInt32, to shelf: Int) {
        let place = Place(shelf: Int32(shelf), slot: Int32(layout.shelves[shelf].count - 1))
        if first[number] == nil {
            first[number] = place
            layout.numbers.insert(number)
            layout.numberCount += 1
        } else {
            others[number, default: []].append(place)
        }
        rowCount += 1
        touched.append(shelf)
    }

    /// Rewrites a shelf without its dead rows.
    private mutating func compact(_ index: Int) {
        let shelf = layout.shelves[index]
        let live = (0..<shelf.count).filter(shelf.isLive)
        layout.shelves[index] = shelf.compacted(capacity: live.count + live.count / 4)
        for (slot, old) in live.enumerated() {
            move(shelf.block.numbers[old], from: (index, old), to: slot)
        }
        if layout.centroids == nil, !roomy.contains(index) { roomy.insert(index, at: 0) }
    }

    private mutating func move(_ number: UInt32, from old: (shelf: Int, slot: Int), to slot: Int) {
        let place = Place(shelf: Int32(old.shelf), slot: Int32(old.slot))
        let moved = Place(shelf: Int32(old.shelf), slot: Int32(slot))
        if first[number] == place {
            first[number] = moved
        } else if let part = others[number]?.firstIndex(of: place) {
            others[number]?[part] = moved
        }
    }
}
