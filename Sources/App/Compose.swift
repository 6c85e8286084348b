import Accounts
import Configuration
import Database
import HTTPServer
import Images
import Imaging
import Jobs
import Kernel
import MachineTranslation
import Memes
import ModelGateway
import ObjectStore
import SharedState
import Telemetry
import Translation
import Web

/// The program, put together: the only place that knows every module.
struct PictorProcess: Sendable {
    private let gatekeeper: Gatekeeper
    private let engines: Engines
    private let directory: DataDirectory
    private let hasWorkers: Bool
    private let health: Health
    private let images: ImagesModule
    private let jobs: JobQueue
    /// Held while SQLite is the database.
    private let lock: DirectoryLock?
    private let log: Log
    private let memes: MemesModule
    private let metrics: Metrics
    private let models: ModelGateway
    private let permissions: RemotePermissions?
    private let settings: Settings
    private let sink: LogSink
    private let spool: SpoolFolder
    private let startedAt: Timestamp
    private let tracing: Tracing?
    private let translation: TranslationModule
    private let translator: ApertiumTranslator
    private let time = SystemTime()

    /// Opens everything; nothing runs yet.
    ///
    /// - Throws: ``CommandFailure`` when another process holds the data directory.
    init(_ settings: Settings, hasWorkers: Bool) async throws {
        self.settings = settings
        self.hasWorkers = hasWorkers
        startedAt = time.now
        sink = LogSink.standardError(format: settings.logFormat, level: settings.logLevel)
        log = Log(sink)
        metrics = Metrics()
        health = Health()
        directory = try DataDirectory(creating: settings.dataDirectory)
        lock = settings.engines.isShared ? nil : try directory.lock()
        spool = try directory.claimSpool()
        try Imaging.start()
        engines = try await Engines(settings, directory, time: time, metrics: metrics, log: log)
        try await migrate(engines.database, allMigrations)
        tracing = Tracing(settings.engines, name: settings.serviceName, engines.client, log: log, metrics: metrics)
        jobs = JobQueue(
            database: engines.database,
            time: time,
            log: log,
            metrics: metrics,
            settings: jobSettings(settings),
            tracer: tracing?.tracer ?? .off,
        )
        gatekeeper = Gatekeeper(
            tokens: TokenVerifier(
                secrets: settings.accounts.secrets,
                keys: TokenKeys(
                    settings.accounts.keys,
                    client: engines.client,
                    time: time,
                    log: log,
                    metrics: metrics,
                ),
                policy: settings.accounts.tokens,
                time: time,
            ),
            keys: APIKeyStore(engines.database, time: time),
            localVisit: LocalVisit(
                isAllowed: settings.accounts.isLocalVisitAllowed,
                hosts: settings.allowedHosts,
                permissions: ["image:admin"],
            ),
        )
        permissions = RemotePermissions(
            settings.accounts.permissions,
            client: engines.client,
            state: engines.state,
            time: time,
            log: log,
            metrics: metrics,
        )
        models = ModelGateway(
            settings.models,
            client: engines.client,
            state: engines.state,
            database: engines.database,
            time: time,
            log: log,
            metrics: metrics,
        )
        let watermark = LowDiskWatermark(
            folder: directory.path,
            minimumFree: Int64(settings.minimumFreeDisk),
            time: time,
        )
        let pixels = WorkPool(name: "pixels", width: settings.workers, limit: 1000)
        images = ImagesModule(
            ImagesModule.Parts(
                database: engines.database,
                facts: serverFacts(
                    settings,
                    directory,
                    engines.database,
                    startedAt: startedAt,
                    workers: hasWorkers ? settings.workers : 0,
                ),
                jobs: jobs,
                log: log,
                metrics: metrics,
                objects: engines.objects,
                operatorOnly: operatorAccess(settings, engines),
                permissions: permissions,
                pool: pixels,
                publicURL: settings.publicURL,
                requireRoom: { try watermark.requireRoom() },
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
                database: engines.database,
                describer: PictureDescriber.vision(models),
                embedder: memeEmbedder(settings, models, log),
                images: images,
                jobs: jobs,
                log: log,
                metrics: metrics,
                publicURL: settings.publicURL,
                reader: hasWorkers ? try pictureReader(settings) : nil,
                reranker: memeReranker(settings, models, log, time: time),
                settings: settings.memes,
                state: engines.state,
                time: time,
            )
        )
        try await requireIndex(memes)
        memes.registerJobs()
        images.whenDeleted { [memes] in try memes.forget($0, in: $1) }
        translator = ApertiumTranslator(phrases: settings.translation.phrases, time: time)
        translation = try translationModule(
            settings,
            TranslationSurroundings(
                engines: engines,
                images: images,
                jobs: jobs,
                log: log,
                metrics: metrics,
                models: models,
                operatorOnly: operatorAccess(settings, engines),
                time: time,
                translator: translator,
            ),
        )
        translation.registerJobs()
        registerProbes(pool: pixels, watermark: watermark)
        registerProcessMetrics()
    }

    /// Serves, and works unless told otherwise, until a signal comes.
    func serve(until signals: Signals) async throws {
        let server = try bound(port: settings.port, router())
        try await memes.prepareSpace()
        for warning in settings.warnings { log.warning("configuration", ["warning": warning]) }
        log.info(
            "serving",
            ["url": "http://\(settings.host):\(server.port)", "data": directory.path, "version": Program.version],
        )
        Terminal.print(
            "listening on http://\(settings.host.contains(":") ? "[\(settings.host)]" : settings.host):\(server.port)"
        )
        try await run(
            exporters + [images.sweeper, translator] + memes.services + workers + [server],
            until: signals,
        )
    }

    /// Works until a signal comes; with `workers.port`, it answers for health and metrics while it does.
    func work(until signals: Signals) async throws {
        let server = try settings.workersPort == 0 ? [] : [bound(port: settings.workersPort, operatorRouter())]
        log.info("working", ["data": directory.path, "version": Program.version])
        try await run(exporters + [images.sweeper, translator] + workers + server, until: signals)
    }

    private func bound(port: Int, _ router: Router) throws -> Server {
        let server = try Server(
            settings: serverSettings(settings, port: port),
            handler: router.handler,
            log: log,
            metrics: metrics,
        )
        try server.bind()
        return server
    }

    private var workers: [any Service] {
        hasWorkers ? [Worker(jobs)] : []
    }

    private var exporters: [any Service] { tracing.map { [$0.exporter] } ?? [] }

    /// Runs the services, then closes what they stand on. The first of the list ends last.
    private func run(_ services: [any Service], until signals: Signals) async throws {
        defer { sink.flush() }
        try await ServiceGroup(services).run(until: signals.wait)
        await engines.close()
        log.info("stopped", [:])
        withExtendedLifetime((lock, spool)) {}
    }

    /// Every address, and what each request passes on its way there.
    func router() -> Router {
        let middleware: [any Middleware] = [
            ForwardedMiddleware(proxies: settings.trustedProxies.compactMap(AddressBlock.init)),
            RequestIDMiddleware(),
            TracingMiddleware(tracing?.tracer ?? .off),
            AccessLogMiddleware(log: log, metrics: metrics),
            SecurityHeadersMiddleware(),
            CORSMiddleware(origins: settings.corsOrigins),
            DevelopmentGuard(
                isOn: settings.mode == .development,
                hosts: settings.allowedHosts,
                origins: settings.corsOrigins,
            ),
            Authenticator(gatekeeper),
        ]
        var router = Router(middleware: middleware, log: log)
        router.errors(under: "/", pageErrors)
        let operatorOnly = operatorAccess(settings, engines)
        serverRoutes.addRoutes(to: &router, operatorOnly: operatorOnly)
        ModelRoutes(models: models).addRoutes(to: &router, operatorOnly: operatorOnly)
        QueueRoutes(jobs: jobs, time: time).addRoutes(to: &router, operatorOnly: operatorOnly)
        DocumentationRoutes().addRoutes(to: &router)
        Assets.addRoutes(to: &router)
        PermissionRoutes(permissions).addRoutes(to: &router, operatorOnly: operatorOnly)
        images.addRoutes(to: &router)
        memes.addRoutes(to: &router)
        translation.addRoutes(to: &router)
        return router
    }

    /// What a worker answers: `/health`, `/info`, `/metrics`.
    private func operatorRouter() -> Router {
        let middleware: [any Middleware] = [
            ForwardedMiddleware(proxies: settings.trustedProxies.compactMap(AddressBlock.init)),
            RequestIDMiddleware(),
            AccessLogMiddleware(log: log, metrics: metrics),
            SecurityHeadersMiddleware(),
            DevelopmentGuard(isOn: settings.mode == .development, hosts: settings.allowedHosts, origins: []),
            Authenticator(gatekeeper),
        ]
        var router = Router(middleware: middleware, log: log)
        serverRoutes.addRoutes(to: &router, operatorOnly: operatorAccess(settings, engines))
        return router
    }

    private var serverRoutes: ServerRoutes {
        ServerRoutes(
            health: health,
            metrics: metrics,
            serviceName: settings.serviceName,
            startedAt: startedAt,
            time: time,
            memes: memes,
            translation: translation,
        )
    }

    private func registerProbes(pool: WorkPool, watermark: LowDiskWatermark) {
        let (database, objects, time) = (engines.database, engines.objects, time)
        health.register("database", isEssential: true) {
            _ = try await database.execute(
                """
                INSERT INTO health_probe (id, checked_at) VALUES (1, \(time.now))
                ON CONFLICT (id) DO UPDATE SET checked_at = excluded.checked_at
                """
            )
        }
        health.register("storage", isEssential: true) { try await objects.check() }
        if let redis = engines.redis { health.register("redis", isEssential: false) { try await redis.check() } }
        health.register("imaging", isEssential: true) { try await pool.run { try Imaging.selfTest() } }
        health.register("disk", isEssential: false) { try watermark.requireRoom() }
    }

    private func registerProcessMetrics() {
        let memory = metrics.gauge("process_resident_memory_bytes", "Resident memory.")
        let room = metrics.gauge("process_memory_room_bytes", "Memory that this process may still take.")
        let files = metrics.gauge("process_open_fds", "Open file descriptors.")
        let threads = metrics.gauge("process_threads", "Threads.")
        let pixels = metrics.gauge("vips_tracked_memory_bytes", "Memory that libvips holds for pixels.")
        let disk = metrics.gauge("disk_free_bytes", "Room on the disk of the data directory.")
        let folder = directory.path
        metrics.onCollect {
            let machine = MachineStatistics.read(path: folder)
            memory.set(Double(machine.processResident))
            MemoryRoom.read().map { room.set(Double($0)) }
            files.set(Double(machine.processOpenFiles))
            threads.set(Double(machine.processThreads))
            disk.set(Double(machine.diskFree))
            pixels.set(Double(Imaging.memory.bytes))
        }
    }
}

/// The schema of every module, in the order in which they may refer to each other.
let allMigrations: [Migration] =
    appMigrations + accountsMigrations + jobMigrations + modelMigrations + ImagesModule.migrations
    + MemesModule.migrations + TranslationModule.migrations

private let appMigrations = [
    Migration(1, "health probe", module: "app") { _ in
        ["CREATE TABLE health_probe (id BIGINT PRIMARY KEY, checked_at BIGINT NOT NULL)"]
    }
]
