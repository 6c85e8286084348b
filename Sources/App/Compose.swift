import Accounts
import Configuration
import Database
import HTTPClient
import HTTPServer
import Images
import Imaging
import Jobs
import Kernel
import ObjectStore
import SharedState
import Telemetry
import Web

/// The program, put together: the only place that knows every module.
struct PictorProcess: Sendable {
    private let gatekeeper: Gatekeeper
    private let database: SQLiteDatabase
    private let directory: DataDirectory
    private let hasWorkers: Bool
    private let health: Health
    private let images: ImagesModule
    private let jobs: JobQueue
    private let lock: DirectoryLock
    private let log: Log
    private let metrics: Metrics
    private let permissions: RemotePermissions?
    private let settings: Settings
    private let sink: LogSink
    private let startedAt: Timestamp
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
        lock = try directory.lock()
        directory.clearSpool()
        try Imaging.start()
        let database = try await openDatabase(directory, settings, metrics: metrics, log: log)
        self.database = database
        try await migrate(database, allMigrations)
        let objects = try LocalObjectStore.open(root: directory.objects, metrics: metrics)
        jobs = JobQueue(
            database: database,
            time: time,
            log: log,
            metrics: metrics,
            settings: jobSettings(settings),
        )
        let client = HTTPClient()
        gatekeeper = Gatekeeper(
            tokens: TokenVerifier(
                secrets: settings.accounts.secrets,
                keys: TokenKeys(settings.accounts.keys, client: client, time: time, log: log, metrics: metrics),
                policy: settings.accounts.tokens,
                time: time,
            ),
            keys: APIKeyStore(database, time: time),
            localVisit: LocalVisit(
                isAllowed: settings.accounts.isLocalVisitAllowed,
                hosts: settings.allowedHosts,
                permissions: ["image:admin"],
            ),
        )
        let state = MemorySharedState(time: time, metrics: metrics)
        permissions = RemotePermissions(
            settings.accounts.permissions,
            client: client,
            state: state,
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
                database: database,
                facts: serverFacts(
                    settings,
                    directory,
                    startedAt: startedAt,
                    workers: hasWorkers ? settings.workers : 0,
                ),
                jobs: jobs,
                log: log,
                metrics: metrics,
                objects: objects,
                operatorOnly: OperatorAccess(),
                permissions: permissions,
                pool: pixels,
                publicURL: settings.publicURL,
                requireRoom: { try watermark.requireRoom() },
                settings: settings.images,
                signingSecret: linkSecret(settings),
                spoolFolder: directory.spool,
                state: state,
                time: time,
            )
        )
        images.registerJobs()
        registerProbes(objects: objects, pool: pixels, watermark: watermark)
        registerProcessMetrics()
    }

    /// Serves, and works unless told otherwise, until a signal comes.
    func serve(until signals: Signals) async throws {
        let server = try Server(
            settings: serverSettings(settings),
            handler: router().handler,
            log: log,
            metrics: metrics,
        )
        try server.bind()
        for warning in settings.warnings { log.warning("configuration", ["warning": warning]) }
        log.info(
            "serving",
            ["url": "http://\(settings.host):\(server.port)", "data": directory.path, "version": Program.version],
        )
        Terminal.print(
            "listening on http://\(settings.host.contains(":") ? "[\(settings.host)]" : settings.host):\(server.port)"
        )
        try await run([images.sweeper] + workers + [server], until: signals)
    }

    /// Works until a signal comes.
    func work(until signals: Signals) async throws {
        log.info("working", ["data": directory.path, "version": Program.version])
        try await run([images.sweeper] + workers, until: signals)
    }

    private var workers: [any Service] {
        hasWorkers ? [Worker(jobs)] : []
    }

    /// Runs the services, then closes what they stand on. The first of the list ends last.
    private func run(_ services: [any Service], until signals: Signals) async throws {
        defer { sink.flush() }
        try await ServiceGroup(services).run(until: signals.wait)
        await database.close()
        log.info("stopped", [:])
        withExtendedLifetime(lock) {}
    }

    /// Every address, and what each request passes on its way there.
    func router() -> Router {
        let middleware: [any Middleware] = [
            ForwardedMiddleware(proxies: settings.trustedProxies.compactMap(AddressBlock.init)),
            RequestIDMiddleware(),
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
        let operatorOnly = OperatorAccess()
        ServerRoutes(
            health: health,
            metrics: metrics,
            serviceName: settings.serviceName,
            startedAt: startedAt,
            time: time,
        ).addRoutes(to: &router, operatorOnly: operatorOnly)
        DocumentationRoutes().addRoutes(to: &router)
        Assets.addRoutes(to: &router)
        PermissionRoutes(permissions).addRoutes(to: &router, operatorOnly: operatorOnly)
        images.addRoutes(to: &router)
        return router
    }

    private func registerProbes(objects: any ObjectStore, pool: WorkPool, watermark: LowDiskWatermark) {
        let (database, time) = (database, time)
        health.register("database", isEssential: true) {
            _ = try await database.execute(
                """
                INSERT INTO health_probe (id, checked_at) VALUES (1, \(time.now))
                ON CONFLICT (id) DO UPDATE SET checked_at = excluded.checked_at
                """
            )
        }
        health.register("storage", isEssential: true) { try await objects.check() }
        health.register("imaging", isEssential: true) { try await pool.run { try Imaging.selfTest() } }
        health.register("disk", isEssential: false) { try watermark.requireRoom() }
    }

    private func registerProcessMetrics() {
        let memory = metrics.gauge("process_resident_memory_bytes", "Resident memory.")
        let files = metrics.gauge("process_open_fds", "Open file descriptors.")
        let threads = metrics.gauge("process_threads", "Threads.")
        let pixels = metrics.gauge("vips_tracked_memory_bytes", "Memory that libvips holds for pixels.")
        let folder = directory.path
        metrics.onCollect {
            let machine = MachineStatistics.read(path: folder)
            memory.set(Double(machine.processResident))
            files.set(Double(machine.processOpenFiles))
            threads.set(Double(machine.processThreads))
            pixels.set(Double(Imaging.memory.bytes))
        }
    }
}

/// The schema of every module, in the order in which they may refer to each other.
let allMigrations: [Migration] = appMigrations + accountsMigrations + jobMigrations + ImagesModule.migrations

private let appMigrations = [
    Migration(1, "health probe", module: "app") { _ in
        ["CREATE TABLE health_probe (id BIGINT PRIMARY KEY, checked_at BIGINT NOT NULL)"]
    }
]

/// Opens the database of a data directory.
func openDatabase(
    _ directory: DataDirectory,
    _ settings: Settings,
    metrics: Metrics = Metrics(),
    log: Log = .silent,
) async throws -> SQLiteDatabase {
    try SQLiteDatabase.open(
        path: directory.database,
        settings: SQLiteSettings(readers: max(2, settings.workers)),
        metrics: metrics,
        log: log,
    )
}
