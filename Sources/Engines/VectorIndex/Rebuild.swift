import Kernel
import Synchronization

extension VectorIndex.Writer {
    /// How many lists the index should have instead of those it has, 0 for a flat one; nil when all is well.
    func wantedLists(_ settings: VectorIndex.Settings) -> Int? {
        let rows = store.rowCount
        guard store.layout.centroids != nil else {
            return rows > settings.exactRows ? Rebuild.listCount(rows: rows) : nil
        }
        if rows < settings.exactRows / 2 { return 0 }
        return rows > builtRows * 5 / 2 ? Rebuild.listCount(rows: rows) : nil
    }
}

extension VectorIndex {
    /// Sorts the rows into as many lists as their number asks for, in small pieces on the pool, while searches and
    /// writes go on; at the end what was written meanwhile is brought over and readers are switched.
    ///
    /// - Returns: Whether something was built.
    /// - Throws: `CancellationError`; then the index is as before.
    func rebuildIfWanted() async throws -> Bool {
        let start = writer.withLock { writer -> (layout: Layout, rows: Int, lists: Int)? in
            guard let lists = writer.wantedLists(settings) else { return nil }
            writer.changed = []
            return (writer.store.layout, writer.store.rowCount, lists)
        }
        guard let start else { return false }
        do {
            let rebuild = Rebuild(pool: pool, dimensions: dimensions, layout: start.layout)
            let draft = try await rebuild.run(lists: start.lists)
            while try await catchUp(draft, with: rebuild) {}
            finish(draft, rows: start.rows)
            return true
        } catch {
            writer.withLock { $0.changed = nil }
            throw error
        }
    }

    /// Brings over what was written so far; false when little is left, for the switch.
    private func catchUp(_ draft: Rebuild.Draft, with rebuild: Rebuild) async throws -> Bool {
        let changes = writer.withLock { writer -> [Rebuild.Change] in
            guard let changed = writer.changed, changed.count > Rebuild.pieceRows else { return [] }
            writer.changed = []
            return writer.store.changes(of: changed)
        }
        for start in stride(from: 0, to: changes.count, by: Rebuild.pieceRows) {
            let piece = Array(changes[start..<min(start + Rebuild.pieceRows, changes.count)])
            try await rebuild.piece { draft.apply(piece) }
        }
        return !changes.isEmpty
    }

    private func finish(_ draft: Rebuild.Draft, rows: Int) {
        writer.withLock { writer in
            draft.apply(writer.store.changes(of: writer.changed ?? []))
            draft.store.withLock { swap(&writer.store, &$0) }  // the old one is freed with the draft, behind the lock
            writer.builtRows = rows
            writer.changed = nil
            readers.withLock { $0 = writer.store.layout }
        }
    }
}

extension Store {
    /// The rows that `numbers` have now.
    fileprivate func changes(of numbers: NumberSet) -> [Rebuild.Change] {
        numbers.map { number in
            Rebuild.Change(number: number, rows: places(of: number).map { (layout.shelves[$0.shelf], $0.slot) })
        }
    }
}

/// The making of lists: k-means over a sample, then every row into the list of its nearest centroid.
struct Rebuild {
    /// What a number has become while the build went on.
    struct Change: Sendable {
        var number: UInt32
        var rows: [(shelf: Shelf, slot: Int)]
    }

    /// A store under construction.
    final class Draft: Sendable {
        let store: Mutex<Store>

        init(_ store: Store) { self.store = Mutex(store) }

        func adopt(_ slots: Range<Int>, of shelf: Shelf, nearest: [UInt32]?) {
            store.withLock { store in
                for slot in slots where shelf.isLive(slot) {
                    store.adopt(slot, of: shelf, list: nearest.map { Int($0[slot - slots.lowerBound]) })
                }
            }
        }

        func apply(_ changes: [Change]) {
            store.withLock { store in
                for change in changes {
                    store.remove(change.number)
                    for (shelf, slot) in change.rows {
                        let list = store.layout.centroids?.nearest(to: slot..<slot + 1, of: shelf)[0]
                        store.adopt(slot, of: shelf, list: list.map(Int.init))
                    }
                }
            }
        }
    }

    /// Rows of a piece of work: a few milliseconds, after which others have their turn on the pool.
    static let pieceRows = 1024
    private static let rounds = 8
    private static let sampledRowsPerList = 32

    let pool: WorkPool
    let dimensions: Int
    /// What there is to sort.
    let layout: Layout

    /// Twice the square root: assigning a row and probing lists cost about the same then.
    static func listCount(rows: Int) -> Int { max(Int(2 * Double(rows).squareRoot()), 1) }

    /// `lists`: 0 for a flat index.
    func run(lists: Int) async throws -> Draft {
        guard lists > 0 else {
            let draft = Draft(Store(dimensions: dimensions))
            try await eachPiece { shelf, slots, _ in draft.adopt(slots, of: shelf, nearest: nil) }
            return draft
        }
        let centroids = try await centroids(count: lists)
        var nearest: [[UInt32]] = []
        try await eachPiece { shelf, slots, _ in
            centroids.nearest(to: slots, of: shelf)
        } then: {
            nearest.append($0)
        }
        let draft = Draft(Store(dimensions: dimensions, centroids: centroids, capacities: capacities(nearest, lists)))
        try await eachPiece { [nearest] shelf, slots, index in
            draft.adopt(slots, of: shelf, nearest: nearest[index])
        }
        return draft
    }

    private func centroids(count: Int) async throws -> Centroids {
        var random = SplitMix(state: 1)  // the same rows give the same lists
        let sample = try await piece { [self] in sampled(count * Self.sampledRowsPerList) }
        var centroids = Centroids.chosen(count, from: sample, using: &random)
        for _ in 0..<Self.rounds {
            var nearest: [UInt32] = []
            for slots in Self.pieces(of: sample) {
                nearest += try await piece { [centroids] in centroids.nearest(to: slots, of: sample) }
            }
            (centroids, random) = try await piece { [centroids, nearest, random, dimensions] in
                var random = random
                let moved = centroids.moved(to: sample, nearest: nearest, dimensions: dimensions, using: &random)
                return (moved, random)
            }
        }
        return centroids
    }

    /// About `limit` live rows, evenly from all shelves.
    private func sampled(_ limit: Int) -> Shelf {
        let rows = layout.shelves.reduce(0) { $0 + $1.liveCount }
        let step = max(rows / limit, 1)
        var sample = Shelf(capacity: rows / step + 1, width: (dimensions + 63) / 64 * 64)
        var index = 0
        for shelf in layout.shelves {
            for slot in 0..<shelf.count where shelf.isLive(slot) {
                if index % step == 0 { sample.append(slot, of: shelf) }
                index += 1
            }
        }
        return sample
    }

    /// What the lists will hold, and an eighth more.
    private func capacities(_ nearest: [[UInt32]], _ lists: Int) -> [Int] {
        var counts = [Int](repeating: 0, count: lists)
        for list in nearest.joined() { counts[Int(list)] += 1 }
        return counts.map { $0 + $0 / 8 }
    }

    private func eachPiece<Value: Sendable>(
        _ work: @escaping @Sendable (Shelf, Range<Int>, Int) -> Value,
        then take: (Value) -> Void = { (_: Value) in },
    ) async throws {
        var index = 0
        for shelf in layout.shelves {
            for slots in Self.pieces(of: shelf) {
                take(try await piece { [index] in work(shelf, slots, index) })
                index += 1
            }
        }
    }

    private static func pieces(of shelf: Shelf) -> [Range<Int>] {
        stride(from: 0, to: shelf.count, by: pieceRows).map { $0..<min($0 + pieceRows, shelf.count) }
    }

    /// Runs on the pool; when its line is full, searches go first.
    func piece<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async throws -> Value {
        while true {
            do {
                return try await pool.run(work)
            } catch is WorkPool.Full {
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }
}
