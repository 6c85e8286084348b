import Kernel
import Synchronization

/// The nearest vectors to a vector, by cosine, in memory.
///
/// An entry is a number with one or more vectors (parts); a search gives each number once, by its best part. Up to
/// about 100,000 vectors every search scans all of them and is exact; above, ``run()`` sorts them into lists around
/// centroids in the background and searches probe the lists near the query, while inserts and removals go on.
///
/// A vector costs two bytes for each dimension (rounded up to 64 of them) and about 30 more: 800 bytes at 384
/// dimensions. The first byte plane is scanned, both are read for the few rows that come near, so that cosines are
/// right to about 0.00001. Rows in the database stay the source of truth; the index is loaded from them at the start.
package final class VectorIndex: Service {
    /// A number found.
    package struct Match: Sendable, Equatable {
        package var number: UInt32
        /// -1…1, of the part that is nearest.
        package var cosine: Float
    }

    /// When lists replace the scan, and how many of them a search reads; measured in docs/benchmarks.md.
    package struct Settings: Sendable {
        /// Vectors that are still scanned one by one.
        package var exactRows = 100_000
        /// The share of the lists that a search probes: more finds more and takes longer.
        package var probedShare = 0.1

        package init() {}
    }

    /// What the index holds now.
    package struct Statistics: Sendable, Equatable {
        /// Vectors, all parts counted.
        package var vectors: Int
        /// Numbers that have vectors.
        package var numbers: Int
        /// 0 while every search scans all vectors.
        package var lists: Int
        /// Memory of the rows, room for more included.
        package var bytes: Int
    }

    struct Writer: Sendable {
        var store: Store
        /// Vectors when the lists were built.
        var builtRows = 0
        /// Numbers put or removed since a build took its snapshot; nil when none runs.
        var changed: NumberSet?
    }

    package let name = "vector index"
    package let dimensions: Int
    let settings: Settings
    let pool: WorkPool
    /// Taken before `readers` by whoever takes both.
    let writer: Mutex<Writer>
    /// Held for as long as it takes to copy a few references, so no search waits for a write.
    let readers = Mutex(Layout())
    private let growth = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    /// Searches of fewer vectors take microseconds and are not worth a change of thread.
    private static let inlineRows = 2000

    /// `dimensions`: Values of each vector, 1 to 4096.
    /// `pool`: Where searches and builds run.
    package init(dimensions: Int, pool: WorkPool, settings: Settings = Settings()) {
        precondition((1...4096).contains(dimensions), "an index holds vectors of 1 to 4096 values, not \(dimensions)")
        self.dimensions = dimensions
        self.pool = pool
        self.settings = settings
        writer = Mutex(Writer(store: Store(dimensions: dimensions)))
    }

    /// An index with rows from the start; see ``load(numbers:vectors:)``.
    package convenience init(
        dimensions: Int,
        numbers: [UInt32],
        vectors: [Float],
        pool: WorkPool,
        settings: Settings = Settings(),
    ) throws(VectorIndexError) {
        self.init(dimensions: dimensions, pool: pool, settings: settings)
        try load(numbers: numbers, vectors: vectors)
    }

    /// Replaces what `number` has by `vectors`, which need not be of length 1. Without vectors it is removed.
    ///
    /// - Throws: ``VectorIndexError``; then nothing has changed.
    package func upsert(number: UInt32, vectors: [[Float]]) throws(VectorIndexError) {
        var rows: [[Float]] = []
        for vector in vectors { rows.append(try normalized(vector, dimensions: dimensions)) }
        write([number]) { [rows] store in
            if rows.isEmpty { store.remove(number) } else { store.put(number, rows) }
        }
    }

    /// Upserts many numbers with one vector each, faster than one by one. A number that comes several times in a row
    /// has several parts.
    ///
    /// `vectors`: One after another, as many as there are numbers.
    /// - Throws: ``VectorIndexError``; then nothing has changed.
    package func load(numbers: [UInt32], vectors: [Float]) throws(VectorIndexError) {
        guard vectors.count == numbers.count * dimensions else {
            throw .dimensions(vectors.count / max(numbers.count, 1), expected: dimensions)
        }
        var entries: [(number: UInt32, rows: [[Float]])] = []
        entries.reserveCapacity(numbers.count)
        for (index, number) in numbers.enumerated() {
            let slice = Array(vectors[index * dimensions..<(index + 1) * dimensions])
            let row = try normalized(slice, dimensions: dimensions)
            if entries.last?.number == number {
                entries[entries.count - 1].rows.append(row)
            } else {
                entries.append((number, [row]))
            }
        }
        write(numbers) { [entries] store in
            for (number, rows) in entries { store.put(number, rows) }
        }
    }

    /// Takes a number out; one that is not there is no error.
    package func remove(number: UInt32) {
        write([number]) { $0.remove(number) }
    }

    /// The nearest numbers, best first; equals by rising number.
    ///
    /// `vector`: Need not be of length 1.
    /// `count`: Results wanted; fewer come only when fewer are there.
    /// `allowed`: Numbers that may be found; nil for all.
    /// - Throws: ``VectorIndexError``, `WorkPool.Full`, `CancellationError`.
    package func search(_ vector: [Float], count: Int, allowed: NumberSet? = nil) async throws -> [Match] {
        let query = try normalized(vector, dimensions: dimensions)
        guard count > 0 else { return [] }
        let layout = readers.withLock { $0 }
        if layout.numberCount <= Self.inlineRows {
            return try find(query, in: layout, count: count, allowed: allowed) { Task.isCancelled }
        }
        let isCancelled = CancellationFlag()
        return try await withTaskCancellationHandler {
            try await pool.run { [self] in
                try find(query, in: layout, count: count, allowed: allowed) { isCancelled.isSet }
            }
        } onCancel: {
            isCancelled.set()
        }
    }

    /// As ``search(_:count:allowed:)``, on the calling thread: for those who run on a thread for such work already.
    package func searchHere(_ vector: [Float], count: Int, allowed: NumberSet? = nil) throws -> [Match] {
        guard count > 0 else { return [] }
        let query = try normalized(vector, dimensions: dimensions)
        return try find(query, in: readers.withLock { $0 }, count: count, allowed: allowed) { false }
    }

    private func find(
        _ query: [Float],
        in layout: Layout,
        count: Int,
        allowed: NumberSet?,
        isCancelled: () -> Bool,
    ) throws -> [Match] {
        try withoutActuallyEscaping(isCancelled) { isCancelled in
            try Search(
                layout: layout,
                query: Query(query, width: (dimensions + 63) / 64 * 64),
                count: min(count, layout.numberCount),
                allowed: allowed,
                settings: settings,
                isCancelled: isCancelled,
            ).run()
        }
    }

    package var statistics: Statistics {
        let vectors = writer.withLock { $0.store.rowCount }
        let layout = readers.withLock { $0 }
        return Statistics(
            vectors: vectors,
            numbers: layout.numberCount,
            lists: layout.centroids?.count ?? 0,
            bytes: layout.shelves.reduce(0) { $0 + $1.block.byteCount },
        )
    }

    /// Builds lists whenever the index has grown enough, until its task is cancelled.
    package func run() async throws {
        do {
            for await _ in growth.stream {
                while try await rebuildIfWanted() {}
            }
        } catch is CancellationError {}  // in the middle of a build: the index is as before it
    }

    private func write(_ numbers: [UInt32], _ change: @Sendable (inout Store) -> Void) {
        let hasOutgrown = writer.withLock { writer in
            change(&writer.store)
            for number in numbers where writer.changed != nil { writer.changed?.insert(number) }
            readers.withLock { writer.store.publish(to: &$0) }
            return writer.wantedLists(settings) != nil
        }
        if hasOutgrown { growth.continuation.yield() }
    }
}
