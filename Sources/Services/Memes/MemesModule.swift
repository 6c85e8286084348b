import Database
import HTTPClient
import HTTPServer
import Images
import Jobs
import Kernel
import SharedState
import Telemetry
import TextEmbedding

/// Memes: pictures come in, are read, described and embedded, and a few words find them.
package struct MemesModule: Sendable {
    /// What the service stands on.
    package struct Parts: Sendable {
        /// Reaches the servers that pulls read from.
        package let client: HTTPClient
        package let database: any Database
        /// `nil` when no vision model is set up.
        package let describer: PictureDescriber?
        /// `nil` when no embedding model is there.
        package let embedder: MemeEmbedder?
        package let images: ImagesModule
        package let jobs: JobQueue
        package let log: Log
        package let metrics: Metrics
        /// What others put before addresses; `nil` for what the client itself used.
        package let publicURL: String?
        /// `nil` when no model reads the best hits anew.
        package let reranker: MemeReranker?
        /// `nil` when nothing that reads pictures is installed.
        package let reader: PictureReader?
        package let settings: MemesSettings
        package let state: any SharedState
        package let time: any TimeSource

        package init(
            client: HTTPClient,
            database: any Database,
            describer: PictureDescriber? = nil,
            embedder: MemeEmbedder? = nil,
            images: ImagesModule,
            jobs: JobQueue,
            log: Log,
            metrics: Metrics,
            publicURL: String? = nil,
            reader: PictureReader? = nil,
            reranker: MemeReranker? = nil,
            settings: MemesSettings,
            state: any SharedState,
            time: any TimeSource,
        ) {
            self.client = client
            self.database = database
            self.describer = describer
            self.embedder = embedder
            self.images = images
            self.jobs = jobs
            self.log = log
            self.metrics = metrics
            self.publicURL = publicURL
            self.reader = reader
            self.reranker = reranker
            self.settings = settings
            self.state = state
            self.time = time
        }
    }

    /// What became of a file that was added.
    package struct Added: Sendable, Equatable {
        package let id: ID<Meme>
        /// `false` when its bytes were a meme already.
        package let isNew: Bool
    }

    package static var migrations: [Migration] { memesMigrations + pullMigrations + QueryVectorStore.migrations }

    /// The queue of pictures that wait to be read; it runs as wide as the workers.
    package static let readQueue = "memes.read"
    /// The queue of pictures that wait for a vision model.
    package static let describeQueue = "memes.describe"
    /// The queue of memes that wait for their vectors.
    package static let embedQueue = "memes.embed"

    let index = MemeIndex()
    let lookup: any MemeLookup
    private let following: any FollowingIndex
    let memes: MemeStore
    let texts: MemeTextStore
    let stages: StageStore
    let aliases: AliasStore
    let libraries: LibraryStore
    let vectors: VectorStore
    let parts: Parts
    private let pipeline: MemePipeline
    let addMeme: AddMeme
    /// Packs and unpacks.
    let packing = WorkPool(name: "packs", width: 2, limit: 100)
    /// Waits for disks that pulls read from.
    let pullDisks = WorkPool(name: "pull", width: 2, limit: 1000)
    private let cache: FindingsCache
    private let metrics: MemesMetrics
    private let pixels: WorkPool
    private let queryVectors: QueryVectors?
    private let searching: WorkPool
    private let searchMemes: SearchMemes

    package init(_ parts: Parts) {
        self.parts = parts
        let database = parts.database
        let counter = MemeCounter { database.announce(changeChannel, "") }
        memes = MemeStore(database: database, counter: counter)
        texts = MemeTextStore(database: database)
        stages = StageStore(database: database)
        aliases = AliasStore(database: database)
        libraries = LibraryStore(database: database)
        vectors = VectorStore(database: database)
        let stageParts = StageParts(memes: memes, texts: texts, stages: stages, time: parts.time)
        searching = WorkPool(name: "search", width: 2, limit: 1000)
        metrics = MemesMetrics(parts.metrics)
        cache = FindingsCache(
            state: parts.state,
            time: parts.time,
            lifetime: parts.settings.cacheTime,
            metrics: metrics,
            models: parts.modelNames,
        )
        let metrics = metrics
        queryVectors = parts.embedder.map {
            QueryVectors(embedder: $0, store: QueryVectorStore(database: database), metrics: metrics)
        }
        let documents = DocumentReader(texts: texts, libraries: libraries)
        switch parts.settings.index {
        case .memory:
            lookup = MemoryLookup(index: index, metrics: metrics, pool: searching)
            following = MemoryFollower(
                index: index,
                memes: memes,
                documents: documents,
                vectors: vectors,
                embedder: parts.embedder,
                pool: searching,
                log: parts.log,
            )
        case .postgres:
            let tables = PostgreSQLLookup(
                documents: documents,
                memes: memes,
                metrics: metrics,
                pool: searching,
                time: parts.time,
            )
            lookup = tables
            following = PostgreSQLFollower(
                lookup: tables,
                memes: memes,
                documents: documents,
                vectors: vectors,
                embedder: parts.embedder,
                log: parts.log,
            )
        }
        pixels = WorkPool(name: "likeness", width: 1, limit: 100)
        searchMemes = SearchMemes(
            lookup: lookup,
            vectors: queryVectors,
            rerank: parts.rerankHits(memes, metrics, texts),
            metrics: metrics,
        )
        pipeline = MemePipeline(
            reading: ReadingStage(parts: stageParts, images: parts.images, reader: parts.reader),
            describing: DescribingStage(
                parts: stageParts,
                images: parts.images,
                describer: parts.describer,
                publicURL: parts.publicURL,
            ),
            embedding: EmbeddingStage(
                parts: stageParts,
                vectors: vectors,
                embedder: parts.embedder?.embedder,
                metrics: metrics,
            ),
            memes: memes,
            stages: stages,
            jobs: parts.jobs,
            time: parts.time,
        )
        addMeme = AddMeme(
            aliases: aliases,
            images: parts.images,
            jobs: parts.jobs,
            memes: memes,
            policy: parts.settings.storePolicy,
            texts: texts,
            time: parts.time,
        )
    }

    /// Makes sure that the database can serve searches as the settings say.
    ///
    /// - Throws: ``MemesError/noVectorExtension(_:)`` for an index in PostgreSQL that has no pgvector.
    package func requireIndex() async throws {
        if parts.settings.index == .postgres { try await IndexTables(database: memes.database).requireVectors() }
    }

    /// Registers the service's jobs with the queue.
    package func registerJobs() {
        pipeline.register()
        registerPullJobs()
    }

    /// What runs beside the server: keeps the index up with the rows, counts them, and keeps what searches leave behind for
    /// the next start.
    package var services: [any Service] {
        let keeper = queryVectors.map { QueryVectorKeeper(vectors: $0, log: parts.log, time: parts.time) }
        let census = MemeCensus(memes: memes, log: parts.log, metrics: parts.metrics, time: parts.time)
        return [indexFollower, census] + (keeper.map { [$0] } ?? [])
    }

    var indexFollower: IndexFollower {
        IndexFollower(
            index: following,
            database: memes.database,
            log: parts.log,
            metrics: parts.metrics,
            time: parts.time,
        )
    }

    /// Brings the index up with the rows now, for commands that run no follower.
    package func readIndex() async throws { try await following.catchUp() }

    /// Finds memes in the index, or gives the answer that an equal search got at the same state of it.
    package func search(_ query: MemeQuery) async throws -> MemeFindings {
        do {
            let found = try await cache.findings(query, generation: lookup.generation) { [searchMemes] in
                try await searchMemes(query)
            }
            metrics.queries.add(1, "ok")
            // A meme may have gone since the answer was kept.
            let present = try await lookup.present(found.hits.map(\.number))
            return found.keeping { present.contains($0.number) }
        } catch {
            metrics.queries.add(1, "failed")
            throw error
        }
    }

    /// What is known of a meme that was found.
    package struct Detail: Sendable {
        package let hit: MemeFindings.Hit
        package let meme: Meme
        package let texts: MemeTexts
        package let sources: [String]
    }

    /// What is known of memes that were found, in the same order; those deleted meanwhile are left out.
    package func details(of hits: [MemeFindings.Hit]) async throws -> [Detail] {
        let ids = hits.compactMap { ID<Meme>($0.id) }
        let found = Dictionary(uniqueKeysWithValues: try await memes.find(all: ids).map { ($0.id, $0) })
        let words = try await texts.texts(of: ids)
        var details: [Detail] = []
        for hit in hits {
            guard let id = ID<Meme>(hit.id), let meme = found[id] else { continue }
            let sources = try await aliases.sources(of: id)
            details.append(Detail(hit: hit, meme: meme, texts: words[id] ?? MemeTexts([]), sources: sources))
        }
        return details
    }

    /// Brings what is stored up to the model of this process: memes that it has not seen yet are put in the queue, and
    /// its space takes over when it has seen all.
    package func prepareSpace() async throws {
        guard let embedder = parts.embedder?.embedder else { return }
        try await vectors.prepare(embedder.space, dimensions: embedder.dimensions, at: parts.time.now)
        guard try await !vectors.missing(in: embedder.space, after: 0, limit: 1).isEmpty else { return }
        try await parts.jobs.enqueue(ReembedMemes(space: embedder.space), uniqueKey: embedder.space)
    }

    /// Whether memes can be found by what they mean: there are vectors, and the model of this process made them.
    package var hasVectors: Bool {
        guard let space = lookup.space else { return false }
        return parts.embedder?.embedder.space == space
    }

    /// What memes are read, described and found with, for health: what is missing is `absent`.
    package var abilities: JSON {
        [
            "count": JSON(lookup.count),
            "languages": JSON(parts.reader?.languages ?? []),
            "dense": JSON(hasVectors ? lookup.space ?? "absent" : "absent"),
            "rerank": JSON(parts.reranker?.name ?? "absent"),
            "vision": JSON(parts.describer?.version ?? "absent"),
        ]
    }

    /// Takes in a picture and promises that it will be read, described and embedded. Equal bytes are one meme.
    ///
    /// - Parameters:
    ///   - bytes: The whole file; its type is read from its first bytes.
    ///   - name: Of the file; it is searchable at once.
    ///   - source: Where it comes from, such as `file:/memes/cat.jpg`; `nil` when nobody will ask.
    ///   - library: Where it shall stand.
    /// - Returns: The meme, and whether it is new.
    /// - Throws: A ``Kernel/Failure`` of status 413, 415 or 422 for a file that is not accepted.
    package func add(
        _ bytes: [UInt8],
        name: String,
        source: String? = nil,
        library: ID<MemeLibrary>? = nil,
    ) async throws -> Added {
        try await addMeme(
            AddMeme.File(bytes: bytes, name: name, source: source, libraries: library.map { [$0] } ?? [])
        )
    }

    /// The library of that name, made where there is none.
    package func library(named name: String) async throws -> MemeLibrary {
        try await libraries.take(name: name, at: parts.time.now)
    }

    /// Turns pictures into things that hits can be near to.
    var likeness: Likeness {
        Likeness(
            images: parts.images,
            limits: parts.settings.limits,
            memes: memes,
            pool: pixels,
            texts: texts,
        )
    }

    /// Which of `ids` are copies of older memes, as far as pictures and words in the index tell, with the file name of the
    /// older one. Nothing is deleted for it: whoever added them decides.
    package func copies(among ids: [ID<Meme>]) async throws -> [ID<Meme>: String] {
        var originals: [ID<Meme>: ID<Meme>] = [:]
        for meme in try await find(ids) { originals[meme.id] = try await lookup.original(of: meme) }
        let found = try await find(Array(Set(originals.values)))
        let names = Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0.fileName) })
        return originals.compactMapValues { names[$0] }
    }

    /// In pages: a statement holds a bounded number of values.
    private func find(_ ids: [ID<Meme>]) async throws -> [Meme] {
        var found: [Meme] = []
        for start in stride(from: 0, to: ids.count, by: 500) {
            found += try await memes.find(all: Array(ids[start..<min(start + 500, ids.count)]))
        }
        return found
    }

    /// How many of `ids` the pipeline still works on.
    package func countUnfinished(of ids: [ID<Meme>]) async throws -> Int {
        var count = 0
        // A statement holds a bounded number of values.
        for start in stride(from: 0, to: ids.count, by: 500) {
            count += try await memes.countUnfinished(of: Array(ids[start..<min(start + 500, ids.count)]))
        }
        return count
    }
}

extension MemesModule.Parts {
    /// Of all models that take part in a search.
    var modelNames: String { "\(embedder?.embedder.space ?? "") \(reranker?.name ?? "")" }

    fileprivate func rerankHits(_ memes: MemeStore, _ metrics: MemesMetrics, _ texts: MemeTextStore) -> RerankHits? {
        guard let reranker else { return nil }
        let count = settings.rerankCount
        return RerankHits(reranker, count: count, memes: memes, metrics: metrics, texts: texts, time: time)
    }
}

/// Where changes of memes are announced.
let changeChannel = "memes"

extension MemesSettings {
    /// Memes are nobody's: a user who goes leaves them.
    var storePolicy: StorePolicy {
        StorePolicy(bucket: "groups/memes/", owner: "memes", sizes: .lazy, keepsOriginal: true, limits: limits)
    }
}
