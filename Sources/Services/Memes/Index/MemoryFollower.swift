import Database
import Kernel
import MemeSearch
import Telemetry
import TextEmbedding
import VectorIndex

/// Keeps the index of this process up with the rows.
struct MemoryFollower: FollowingIndex {
    let index: MemeIndex
    let memes: MemeStore
    let documents: DocumentReader
    let vectors: VectorStore
    /// The model of this process, for the scale of its space.
    let embedder: MemeEmbedder?
    /// Where vectors are searched for.
    let pool: WorkPool
    let log: Log

    private static let page = 500

    func catchUp() async throws {
        let current = try await MemeCounter.current(in: memes.database)
        let known = index.generation
        guard current > known else { return }
        var position = known
        while true {
            let changed = try await memes.changed(after: position, limit: Self.page)
            guard let last = changed.last else { break }
            index.upsert(try await entries(changed))
            if let shelf = index.shelf { try await shelve(changed, on: shelf) }
            position = last.change
        }
        try await followSpace()
        // After the rows: what went while they were read has a later change than `current`, or is in this list.
        index.remove(try await memes.gone(after: known, upTo: max(current, position)))
        index.reach(max(current, position))
    }

    /// Takes the active space when it is another one than before: built aside, put in place in one step.
    private func followSpace() async throws {
        guard let active = try await vectors.activeSpace(), active.name != index.shelf?.space else { return }
        let own = embedder?.embedder.space == active.name ? embedder?.scale : nil
        var shelf = VectorShelf(
            space: active.name,
            vectors: VectorIndex(dimensions: active.dimensions, pool: pool),
            scale: own ?? .miniLM,
        )
        var position: Int64 = 0
        var sample: [[Float]] = []
        while true {
            let page = try await memes.changed(after: position, limit: Self.page)
            guard let last = page.last else { break }
            let parts = try await shelve(page, on: shelf)
            if sample.count < 400 { sample += parts.compactMap(\.first) }
            position = last.change
        }
        if own == nil {
            shelf = VectorShelf(space: shelf.space, vectors: shelf.vectors, scale: CosineScale(measuredOn: sample))
        }
        index.shelf = shelf
        log.info("vectors loaded", ["space": active.name, "vectors.count": "\(shelf.vectors.statistics.vectors)"])
    }

    /// - Returns: What was put on the shelf.
    @discardableResult
    private func shelve(_ memes: [Meme], on shelf: VectorShelf) async throws -> [[[Float]]] {
        let parts = try await vectors.vectors(of: memes.map(\.id), in: shelf.space)
        let rows = memes.compactMap { meme in parts[meme.id].map { (number: meme.number, parts: $0) } }
        try index.put(rows, on: shelf)
        return rows.map(\.parts)
    }

    private func entries(_ memes: [Meme]) async throws -> [(entry: MemeIndex.Entry, document: SearchDocument)] {
        zip(memes, try await documents(of: memes)).map { meme, document in
            (MemeIndex.Entry(id: meme.id, perceptualHash: meme.perceptualHash), document)
        }
    }
}
