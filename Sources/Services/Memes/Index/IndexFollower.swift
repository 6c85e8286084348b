import Database
import Kernel
import MemeSearch
import Telemetry
import TextEmbedding
import VectorIndex

/// Keeps the index up with the rows: all of them at start, then whatever any process changes, within a second.
struct IndexFollower: Service {
    let index: MemeIndex
    let memes: MemeStore
    let texts: MemeTextStore
    let libraries: LibraryStore
    let vectors: VectorStore
    /// The model of this process, for the scale of its space.
    let embedder: MemeEmbedder?
    /// Where vectors are searched for.
    let pool: WorkPool
    let log: Log
    let time: any TimeSource

    /// How often the tables are looked at without being told: a command beside a server on SQLite has nobody to tell.
    static let interval = Duration.milliseconds(500)
    private static let page = 500

    var name: String { "meme index" }

    func run() async throws {
        for await _ in hints() {
            do {
                try await catchUp()
            } catch {
                log.warning("the index of memes is behind", ["error": "\(error)"])
            }
            if Task.isCancelled { return }
        }
    }

    /// Reads everything that has changed since the last time.
    func catchUp() async throws {
        let current = try await MemeCounter.current(in: memes.database)
        let known = index.generation
        guard current > known else { return }
        var position = known
        while true {
            let changed = try await memes.changed(after: position, limit: Self.page)
            guard let last = changed.last else { break }
            index.upsert(try await documents(of: changed))
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
        if own == nil, sample.count >= 50 {
            let cosines = zip(sample, sample.dropFirst(sample.count / 2)).map { cosine($0, $1) }
            shelf = VectorShelf(space: shelf.space, vectors: shelf.vectors, scale: CosineScale(unrelated: cosines))
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

    private func documents(of memes: [Meme]) async throws -> [(entry: MemeIndex.Entry, document: SearchDocument)] {
        let ids = memes.map(\.id)
        let (words, shelves) = (try await texts.texts(of: ids), try await libraries.names(of: ids))
        return memes.map { meme in
            let entry = MemeIndex.Entry(id: meme.id, perceptualHash: meme.perceptualHash)
            let texts = words[meme.id] ?? MemeTexts([])
            return (entry, SearchDocument(meme, texts, libraries: shelves[meme.id] ?? []))
        }
    }

    /// An element at once, after every announcement, and every ``interval``; several may come as one.
    private func hints() -> AsyncStream<Void> {
        let announcements = memes.database.announcements(changeChannel)
        let (hints, hint) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let listening = Task { for await _ in announcements { hint.yield() } }
        let looking = Task { [time] in
            while true {
                hint.yield()
                try await time.sleep(until: time.now + Self.interval)
            }
        }
        hint.onTermination = { _ in
            listening.cancel()
            looking.cancel()
        }
        return hints
    }
}

/// Of vectors of length 1.
private func cosine(_ left: [Float], _ right: [Float]) -> Float { zip(left, right).reduce(0) { $0 + $1.0 * $1.1 } }

extension SearchDocument {
    /// What the index needs of a meme.
    init(_ meme: Meme, _ texts: MemeTexts, libraries: [String]) {
        self.init(number: meme.number)
        text = texts.joined(.ocr)
        caption = texts.joined(.caption)
        title = texts.joined(.title)
        meaning = texts.joined(.meaning)
        scene = texts.joined(.scene)
        tags = texts.values(.subjects) + texts.values(.keywords) + texts.values(.template)
        emotions = texts.values(.emotions)
        fileName = wordsOfNames(meme, texts)
        self.libraries = libraries
        colors = namesOfColours(meme.colours)
        type = meme.mimeType.split(separator: "/").last.map(String.init) ?? ""
        isAnimated = meme.frames > 1
        width = meme.width
        height = meme.height
        pictureHash = meme.perceptualHash
        contentHash = UInt64(meme.contentHash.prefix(16), radix: 16)
        likes = meme.likes
        dislikes = meme.dislikes
    }
}
