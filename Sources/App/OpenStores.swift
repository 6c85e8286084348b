import Accounts
import Database
import Images
import Jobs
import Kernel
import ModelGateway
import ObjectStore
import SharedState
import Telemetry

/// The data directory opened for a command that ends by itself, beside a server or without one.
struct OpenStores: Sendable {
    let database: any Database
    private let engines: Engines
    let directory: DataDirectory
    let images: ImagesModule
    let jobs: JobQueue
    let keys: APIKeyStore
    let models: ModelGateway
    let objects: any ObjectStore
    let time = SystemTime()
    let spool: SpoolFolder

    init(_ settings: Settings) async throws {
        directory = try DataDirectory(creating: settings.dataDirectory)
        spool = try directory.claimSpool()
        engines = try await Engines(settings, directory, time: time, metrics: Metrics(), log: .silent)
        (database, objects) = (engines.database, engines.objects)
        try await migrate(database, allMigrations)
        keys = APIKeyStore(database, time: time)
        jobs = JobQueue(database: database, time: time, log: .silent, metrics: Metrics())
        models = ModelGateway(
            settings.models,
            client: engines.client,
            state: engines.state,
            database: database,
            time: time,
            log: .silent,
            metrics: Metrics(),
        )
        images = ImagesModule(
            ImagesModule.Parts(
                database: database,
                facts: serverFacts(settings, directory, database, startedAt: time.now, workers: 0),
                jobs: jobs,
                log: .silent,
                metrics: Metrics(),
                objects: objects,
                operatorOnly: OperatorAccess(),
                pool: WorkPool(name: "pixels", width: 1, limit: 16),
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
    }

    func close() async { await engines.close() }
}
