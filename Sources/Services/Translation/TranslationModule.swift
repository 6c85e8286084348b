import Database
import HTTPClient
import HTTPServer
import Images
import Imaging
import Jobs
import Kernel
import MachineTranslation
import ModelGateway
import ObjectStore
import SharedState
import Telemetry

/// Translation: pictures come in, and go out with their words in another language in place of their own.
package struct TranslationModule: Sendable {
    /// What the service stands on.
    package struct Parts: Sendable {
        package let database: any Database
        /// Fetches pictures from addresses that clients name, and calls their webhooks: public ones only.
        package let fetcher: HTTPClient
        package let images: ImagesModule
        /// Tells this process from others, in `/stats`.
        package let instance: String
        package let jobs: JobQueue
        /// Pictures read and drawn at once.
        package let lanes: Int
        /// `nil` when nothing that reads and draws is installed.
        package let letterer: PictureLetterer?
        package let log: Log
        /// Says what could be installed; who translates with it is among the providers.
        package let machine: ApertiumTranslator
        package let metrics: Metrics
        package let models: ModelGateway?
        package let objects: any ObjectStore
        /// Around what only operators may see.
        package let operatorOnly: any Middleware
        /// Who translates, the first choice first.
        package let providers: [any TranslationProvider]
        /// What others put before addresses; `nil` for what the client itself used.
        package let publicURL: String?
        package let settings: TranslationSettings
        /// The secrets of webhooks follow from it.
        package let signingSecret: Secret<[UInt8]>
        package let state: any SharedState
        package let time: any TimeSource

        package init(
            database: any Database,
            fetcher: HTTPClient,
            images: ImagesModule,
            instance: String,
            jobs: JobQueue,
            lanes: Int,
            letterer: PictureLetterer?,
            log: Log,
            machine: ApertiumTranslator,
            metrics: Metrics,
            models: ModelGateway?,
            objects: any ObjectStore,
            operatorOnly: any Middleware,
            providers: [any TranslationProvider],
            publicURL: String?,
            settings: TranslationSettings,
            signingSecret: Secret<[UInt8]>,
            state: any SharedState,
            time: any TimeSource,
        ) {
            self.database = database
            self.fetcher = fetcher
            self.images = images
            self.instance = instance
            self.jobs = jobs
            self.lanes = lanes
            self.letterer = letterer
            self.log = log
            self.machine = machine
            self.metrics = metrics
            self.models = models
            self.objects = objects
            self.operatorOnly = operatorOnly
            self.providers = providers
            self.publicURL = publicURL
            self.settings = settings
            self.signingSecret = signingSecret
            self.state = state
            self.time = time
        }
    }

    package static var migrations: [Migration] { translationMigrations }

    /// The queue of pictures that wait to be read; it runs as wide as the workers.
    package static let readQueue = "translation.read"
    /// The queue of pictures whose words wait for a translator; it waits for others, so it is wide.
    package static let translateQueue = "translation.translate"
    /// The queue of pictures that wait to be drawn; it runs as wide as the workers.
    package static let renderQueue = "translation.render"
    /// The queue of webhooks to call and of tasks to clear away.
    package static let backgroundQueue = "translation.background"

    let parts: Parts
    let stageParts: StageParts
    let memory: TranslationMemory
    let objects: TranslationObjects
    let desk: TranslationDesk
    let kept = KeptDrawings()
    let signer: WebhookSigner
    /// Reads, unpacks and packs files, off the event loop.
    let pool = WorkPool(name: "translate-in", width: 2, limit: 1000)
    /// Counts the pages of documents.
    let counters = WorkPool(name: "count-pages", width: 2, limit: 1000)
    /// Pictures that are made of sent files at once.
    let places = AsyncSemaphore(PictureConversion.outsidePool.width)
    /// Bytes of sent files in memory.
    private let room = AsyncSemaphore(16 << 20)

    package init(_ parts: Parts) {
        self.parts = parts
        let metrics = TranslationMetrics(parts.metrics)
        stageParts = StageParts(
            changes: ChangeFeed("translation", state: parts.state, time: parts.time, watch: Self.watch(parts)),
            images: TranslationImageStore(database: parts.database),
            jobs: parts.jobs,
            metrics: metrics,
            storage: ClientStorage(database: parts.database, limit: parts.settings.clientStorage),
            tasks: TaskStore(database: parts.database),
            time: parts.time,
            usage: ClientUsage(database: parts.database, limits: parts.settings.dailyLimits, log: parts.log),
        )
        memory = TranslationMemory(database: parts.database, time: parts.time)
        objects = TranslationObjects(objects: parts.objects)
        desk = TranslationDesk(
            providers: parts.providers,
            order: parts.settings.providers,
            machine: parts.machine,
            memory: memory,
            metrics: metrics,
            time: parts.time,
            vision: parts.settings.usesVision ? VisionReading(parts.models, parts.letterer) : nil,
        )
        signer = WebhookSigner(parts.signingSecret)
    }

    /// Several processes work on one PostgreSQL.
    private static func watch(_ parts: Parts) -> ChangeWatch<TranslationTask>? {
        guard parts.database.dialect == .postgresql else { return nil }
        let tasks = TaskStore(database: parts.database)
        return ChangeWatch(every: .seconds(2), time: parts.time) { try await tasks.versions(of: $0) }
    }

    /// Registers the service's jobs with the queue.
    package func registerJobs() {
        let translating = TranslatingStage(
            parts: stageParts,
            desk: desk,
            images: parts.images,
            objects: objects,
            memory: memory,
        )
        TranslationPipeline(
            reading: ReadingStage(
                parts: stageParts,
                images: parts.images,
                making: making,
                letterer: parts.letterer,
                memory: memory,
                translating: translating,
            ),
            translating: translating,
            rendering: RenderingStage(
                parts: stageParts,
                images: parts.images,
                letterer: parts.letterer,
                objects: objects,
                checks: parts.settings.checks,
            ),
            parts: stageParts,
        ).register(with: parts.jobs)
        boundByQuotas()
        registerBackgroundJobs()
    }

    /// More pictures than the quotas of the models can use would only wait for a permit.
    private func boundByQuotas() {
        guard let models = parts.models else { return }
        parts.jobs.bound(Self.translateQueue) { [models] in
            switch models.need([.chat, .image, .vision]) {
            case .unlimited: .unlimited
            case .unknown: .unknown
            case .calls(let calls): .jobs(calls)
            }
        }
    }

    private func registerBackgroundJobs() {
        let delivery = delivery
        parts.jobs.register(
            JobDefinition(
                DeliverWebhook.self,
                queue: Self.backgroundQueue,
                retry: WebhookDelivery.retry,
                timeout: .seconds(30),
                work: { arguments, _ in try await delivery.run(arguments) },
            )
        )
        let sweep = TranslationSweep(remove: remove, retention: parts.settings.retention)
        parts.jobs.register(
            JobDefinition(
                SweepTranslations.self,
                queue: Self.backgroundQueue,
                timeout: .seconds(3600),
                work: { _, _ in
                    try await sweep.sweep()
                    return noEffect
                },
            )
        )
        parts.jobs.monitor(SweepTranslations(), deadline: .seconds(1800), from: .done)
        do { try parts.jobs.schedule(SweepTranslations(), cron: "*/5 * * * *") } catch {
            preconditionFailure("the schedule of the sweep is none: \(error)")
        }
    }

    var delivery: WebhookDelivery {
        WebhookDelivery(
            client: parts.fetcher,
            metrics: stageParts.metrics,
            signer: signer,
            tasks: stageParts.tasks,
            time: parts.time,
            wire: wire,
        )
    }
    var remove: RemoveTask { RemoveTask(images: parts.images, memory: memory, objects: objects, parts: stageParts) }
    var wire: TranslationWire { TranslationWire(images: parts.images, publicURL: parts.publicURL) }
    var create: CreateTask {
        CreateTask(
            desk: desk,
            intake: FileIntake(
                images: parts.images,
                objects: objects,
                parts: stageParts,
                pool: pool,
                settings: parts.settings,
                room: room,
            ),
            letterer: parts.letterer,
            remove: remove,
        )
    }
    var making: PictureMaking {
        PictureMaking(
            images: parts.images,
            objects: objects,
            parts: stageParts,
            pool: pool,
            settings: parts.settings,
            places: places,
        )
    }
    var unpacker: FileUnpacker {
        FileUnpacker(log: parts.log, settings: parts.settings, pool: pool, counters: counters)
    }
    var follower: TaskFollower {
        TaskFollower(changes: stageParts.changes, tasks: stageParts.tasks, time: parts.time)
    }

    /// What pictures are read, translated and drawn with, for health.
    package var abilities: JSON {
        [
            "providers": JSON(parts.providers.map(\.name)), "reader": JSON(parts.letterer?.version ?? "absent"),
            "models": JSON(parts.providers.contains { $0.isRemote }),
        ]
    }

    /// Removes every task of a user for good, with its pictures.
    ///
    /// - Returns: How many tasks there were.
    package func erase(owner: String) async throws -> Int {
        var count = 0
        while true {
            let tasks = try await stageParts.tasks.all(of: owner, limit: TranslationSweep.atOnce)
            if tasks.isEmpty { return count }
            try await remove(tasks)
            count += tasks.count
        }
    }
}
