import Accounts
import Database
import Images
import Jobs
import Kernel
import MachineTranslation
import Memes
import ModelGateway
import ObjectStore
import SharedState
import Telemetry
import Translation

/// The data directory opened for a command that ends by itself, beside a server or without one.
struct OpenStores: Sendable {
    let database: any Database
    private let engines: Engines
    let directory: DataDirectory
    let images: ImagesModule
    let jobs: JobQueue
    let keys: APIKeyStore
    let memes: MemesModule
    let models: ModelGateway
    let objects: any ObjectStore
    let time = SystemTime()
    let spool: SpoolFolder

    /// What the translation service shares with the others.
    func surroundings(_ settings: Settings) -> TranslationSurroundings {
        TranslationSurroundings(
            engines: engines,
            images: images,
            jobs: jobs,
            log: .silent,
            metrics: Metrics(),
            models: models,
            operatorOnly: operatorAccess(settings, engines),
            time: time,
            translator: ApertiumTranslator(phrases: settings.translation.phrases, time: time),
        )
    }

    /// `reads`: Whether pictures will be read here, for which models are loaded.
    /// `embeds`: Whether meanings will be compared here, for which another one is.
    /// `searches`: Whether memes will be searched for here, for which all are that rank them.
    init(_ settings: Settings, reads: Bool = false, embeds: Bool = false, searches: Bool = false) async throws {
        directory = try DataDirectory(creating: settings.dataDirectory)
        spool = try directory.claimSpool()
        engines = try await Engines(settings, directory, time: time, metrics: Metrics(), log: .silent)
        (database, objects) = (engines.database, engines.objects)
        try await migrate(database, allMigrations)
        keys = APIKeyStore(database, time: time)
        models = ModelGateway(
            settings.models,
            client: engines.client,
            state: engines.state,
            database: database,
            time: time,
            log: .silent,
            metrics: Metrics(),
        )
        jobs = JobQueue(
            database: database,
            time: time,
            log: .silent,
            metrics: Metrics(),
            settings: jobSettings(settings),
        )
        images = ImagesModule(
            ImagesModule.Parts(
                database: database,
                facts: serverFacts(settings, directory, database, startedAt: time.now, workers: 0),
                jobs: jobs,
                log: .silent,
                metrics: Metrics(),
                objects: objects,
                operatorOnly: operatorAccess(settings, engines),
                pool: WorkPool(name: "pixels", width: settings.workers, limit: 16),
                publicURL: settings.publicURL,
                requireRoom: {},
                settings: settings.images,
                signingSecret: linkSecret(settings),
                spoolFolder: spool.path,
                state: engines.state,
                time: time,
            )
        )
        images.registerJobs()
        memes = MemesModule(
            MemesModule.Parts(
                client: engines.client,
                database: database,
                describer: PictureDescriber.vision(models),
                embedder: embeds || searches ? memeEmbedder(settings, models, .silent, patience: .seconds(30)) : nil,
                images: images,
                jobs: jobs,
                log: .silent,
                metrics: Metrics(),
                reader: reads ? try pictureReader(settings) : nil,
                reranker: searches ? memeReranker(settings, models, .silent, time: time, patience: .seconds(30)) : nil,
                settings: settings.memes,
                state: engines.state,
                time: time,
            )
        )
        try await requireIndex(memes)
        memes.registerJobs()
        images.whenDeleted { [memes] in try memes.forget($0, in: $1) }
    }

    /// Workers for memes in this process, unless another one serves the same data directory: then that one works.
    func crew(_ settings: Settings) -> WorkingCrew? {
        let stages = [MemesModule.readQueue, MemesModule.describeQueue, MemesModule.embedQueue]
        let queues = Set(stages + [MemesModule.pullQueue, MemesModule.pullListQueue])
        if settings.engines.isShared { return WorkingCrew(jobs, queues: queues, lock: nil) }
        guard let lock = try? directory.lock() else { return nil }
        return WorkingCrew(jobs, queues: queues, lock: lock)
    }

    func close() async {
        jobs.close()
        await engines.close()
    }
}
