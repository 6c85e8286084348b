import Accounts
import Database
import HTTPServer
import Jobs
import Kernel
import ObjectStore
import SharedState
import Telemetry

/// Images: a picture goes in, its sizes come out. Lists its addresses, jobs and migrations.
package struct ImagesModule: Sendable {
    /// What the service stands on.
    package struct Parts: Sendable {
        package let database: any Database
        package let facts: ServerFacts
        package let jobs: JobQueue
        package let log: Log
        package let metrics: Metrics
        package let objects: any ObjectStore
        /// Lets only operators see the dashboard and what failed.
        package let operatorOnly: any Middleware
        /// Whom to ask for permissions that stand in no token; `nil` when there is nobody.
        package let permissions: RemotePermissions?
        /// Threads for pixels.
        package let pool: WorkPool
        /// What others put before the addresses of pictures; `nil` keeps them relative.
        package let publicURL: String?
        package let requireRoom: @Sendable () async throws -> Void
        package let settings: ImagesSettings
        package let signingSecret: Secret<[UInt8]>
        /// Where bodies are spooled while they arrive.
        package let spoolFolder: String
        package let state: any SharedState
        package let time: any TimeSource

        package init(
            database: any Database,
            facts: ServerFacts,
            jobs: JobQueue,
            log: Log,
            metrics: Metrics,
            objects: any ObjectStore,
            operatorOnly: any Middleware,
            permissions: RemotePermissions? = nil,
            pool: WorkPool,
            publicURL: String?,
            requireRoom: @escaping @Sendable () async throws -> Void,
            settings: ImagesSettings,
            signingSecret: Secret<[UInt8]>,
            spoolFolder: String,
            state: any SharedState,
            time: any TimeSource,
        ) {
            self.database = database
            self.facts = facts
            self.jobs = jobs
            self.log = log
            self.metrics = metrics
            self.objects = objects
            self.operatorOnly = operatorOnly
            self.permissions = permissions
            self.pool = pool
            self.publicURL = publicURL
            self.requireRoom = requireRoom
            self.settings = settings
            self.signingSecret = signingSecret
            self.spoolFolder = spoolFolder
            self.state = state
            self.time = time
        }
    }

    package static var migrations: [Migration] { imagesMigrations }

    /// The queue that pictures wait in; it runs as wide as the workers.
    package static let queue = "images"

    let service: ImagesService
    private let parts: Parts

    package init(_ parts: Parts) {
        self.parts = parts
        let store = ImageStore(database: parts.database)
        let access = ImageAccess(permissions: parts.permissions)
        let quota = UploadQuota(
            limit: parts.settings.maxUploads,
            organizationLimit: parts.settings.maxUploadsPerOrganization,
            window: parts.settings.uploadWindow,
            kind: parts.settings.uploadWindowKind,
        )
        service = ImagesService(
            access: access,
            changes: ChangeFeed("images", state: parts.state, time: parts.time, watch: Self.watch(parts, store)),
            files: ImageObjects(
                objects: parts.objects,
                store: store,
                names: parts.settings.sizes.map(\.name),
            ),
            jobs: parts.jobs,
            metrics: ImagesMetrics(parts.metrics, time: parts.time),
            objects: parts.objects,
            pool: parts.pool,
            quota: quota,
            settings: parts.settings,
            spoolFolder: parts.spoolFolder,
            store: store,
            time: parts.time,
            upload: UploadImage(
                access: access,
                objects: parts.objects,
                // Not the threads for pixels: a check takes a millisecond and must not wait for an encoder.
                pool: WorkPool(name: "uploads", width: 2, limit: 1000),
                quota: quota,
                settings: parts.settings,
                store: store,
                jobs: parts.jobs,
                time: parts.time,
            ),
            wire: ImageWire(
                links: ImageLinks(secret: parts.signingSecret, time: parts.time, publicURL: parts.publicURL)
            ),
            requireRoom: parts.requireRoom,
        )
    }

    /// Several processes work on one PostgreSQL.
    private static func watch(_ parts: Parts, _ store: ImageStore) -> ChangeWatch<Job>? {
        guard parts.database.dialect == .postgresql else { return nil }
        return ChangeWatch(every: .seconds(2), time: parts.time) { try await store.versions(of: $0) }
    }

    /// Every address of the service, in the order a user meets them.
    package func addRoutes(to router: inout Router) {
        // Not the dashboard's page: a browser without a token gets the form for one.
        for prefix in ["/api/v1/images", "/api/v1/health", "/dashboard/data", "/dashboard/events", "/storage"] {
            router.errors(under: prefix, imagesErrorStyle)
        }
        addImageRoutes(to: &router)
        addHealthRoutes(to: &router)
        addPages(to: &router)
    }

    private func addImageRoutes(to router: inout Router) {
        let uploads = UploadRoutes(service: service)
        let jobs = JobRoutes(service: service)
        let images = ImageRoutes(service: service)
        let batch = BatchRoutes(service: service)
        let api = "/api/v1/images"
        router.post("\(api)/upload", limits: .upload(maxBytes: parts.settings.maxUploadBytes), uploads.upload)
        router.get("\(api)/jobs/{job_id}", jobs.show)
        router.get("\(api)/jobs/{job_id}/result", jobs.result)
        router.get("\(api)/jobs/{job_id}/events", jobs.events)
        router.post("\(api)/jobs/{job_id}/retry", jobs.retry)
        router.get("\(api)/batch", batch.get)
        router.post("\(api)/batch", batch.post)
        router.get("\(api)/{image_id}", images.show)
        router.get("\(api)/{image_id}/all", images.all)
        router.get("\(api)/{image_id}/direct", images.direct)
        router.get("\(api)/{image_id}/similar", images.similar)
        router.delete("\(api)/{image_id}", images.delete)
        router.get("/storage/{path...}", images.stored)
    }

    private func addHealthRoutes(to router: inout Router) {
        let data = dashboard
        let health = HealthRoutes(
            dashboard: data,
            permissions: parts.permissions,
            pool: parts.pool,
            time: parts.time,
        )
        let board = DashboardRoutes(data: data, time: parts.time)
        for path in ["/api/v1/health", "/api/v1/health/"] { router.get(path, health.basic) }
        router.get("/api/v1/health/stats", health.stats)
        router.get("/api/v1/health/failed", middleware: [parts.operatorOnly], health.failed)
        router.get("/api/v1/health/auth", health.auth)
        router.get("/api/v1/health/features", health.features)
        router.get("/dashboard/data", middleware: [parts.operatorOnly], board.show)
        router.get("/dashboard/events", middleware: [parts.operatorOnly], board.events)
    }

    private func addPages(to router: inout Router) {
        let pages = PageRoutes(service: service, facts: parts.facts)
        router.get("/", pages.home)
        router.get("/upload", pages.upload)
        router.get("/images/{image_id}", pages.picture)
        router.get("/jobs", pages.jobs)
        router.get("/jobs/{job_id}", pages.job)
        for path in ["/dashboard", "/dashboard/"] {
            router.get(path, middleware: [parts.operatorOnly], pages.dashboard)
        }
    }

    private var dashboard: DashboardData {
        DashboardData(
            facts: parts.facts,
            jobs: parts.jobs,
            objects: parts.objects,
            settings: parts.settings,
            statistics: ImageStatistics(database: parts.database),
            time: parts.time,
            quota: service.quota,
        )
    }

    /// Registers the service's jobs with the queue.
    package func registerJobs() {
        parts.jobs.register(makeVariantsDefinition(service))
    }

    /// Clears what nobody needs any more; runs beside the server or the workers.
    package var sweeper: any Service {
        ImagesSweeper(
            files: service.files,
            log: parts.log,
            objects: parts.objects,
            quota: service.quota,
            stagingAge: parts.settings.stagingAge,
            store: service.store,
            time: parts.time,
        )
    }

    // MARK: What commands ask for

    /// What a take-over of the original's pictures did.
    package struct ImportReport: Sendable {
        package let imported: Int
        package let present: Int
        package let skipped: [(id: String, reason: String)]
    }

    /// Takes over the pictures of the original; see ``ImportImages``.
    package func importOriginal(
        from source: any Database,
        storageFolder: String,
        progress: (Int, Int) -> Void,
    ) async throws -> ImportReport {
        let report = try await ImportImages(
            objects: parts.objects,
            store: service.store,
            source: source,
            storageFolder: storageFolder,
        )(
            progress: progress
        )
        return ImportReport(
            imported: report.imported,
            present: report.present,
            skipped: report.skipped.sorted { $0.key < $1.key }.map { (id: $0.key, reason: $0.value) },
        )
    }

    /// How many pictures a user has.
    package func countOfPictures(ofOwner owner: String) async throws -> Int {
        try await service.store.all(ofOwner: owner).count
    }

    /// Removes everything of a user for good.
    ///
    /// - Returns: How many pictures there were.
    package func erase(owner: String) async throws -> Int { try await EraseUser(service: service)(owner) }
}
