import HTTPServer
import Kernel

extension TranslationModule {
    private static var api: String { "/api/v1/translate" }

    /// Every address of the service.
    package func addRoutes(to router: inout Router) {
        for prefix in [Self.api, "/stats"] { router.errors(under: prefix, translationErrorStyle) }
        let settings = parts.settings
        let tasks = taskRoutes
        let limit = ClientLimit(kind: .tasks, limit: settings.taskRate, state: parts.state)
        let polls = ClientLimit(kind: .polls, limit: settings.pollRate, state: parts.state)
        // Base64 is a third longer than what it holds.
        router.post(
            Self.api,
            limits: .upload(maxBytes: settings.maxTotalBytes * 4 / 3),
            middleware: [limit],
            tasks.make,
        )
        router.get("\(Self.api)/tasks", tasks.list)
        router.get("\(Self.api)/result/{task_id}", middleware: [polls], tasks.result)
        router.delete("\(Self.api)/result/{task_id}", tasks.delete)
        router.get("\(Self.api)/result/{task_id}/events", middleware: [polls], tasks.events)
        addPictureRoutes(to: &router)
        let languages = LanguageRoutes(desk: desk)
        router.get("\(Self.api)/languages", languages.languages)
        router.get("\(Self.api)/providers", languages.providers)
        let pages = TranslatePages(desk: desk, settings: settings, tasks: stageParts.tasks)
        router.get("/translate", pages.start)
        router.get("/translate/{task_id}", pages.task)
        router.get("/stats", middleware: [parts.operatorOnly], statsRoutes.stats)
    }

    private func addPictureRoutes(to router: inout Router) {
        let pictures = PictureRoutes(
            edit: EditBlocks(
                checks: parts.settings.checks,
                images: parts.images,
                letterer: parts.letterer,
                objects: objects,
                parts: stageParts,
            ),
            images: parts.images,
            objects: objects,
            pool: pool,
            tasks: stageParts.tasks,
            trail: trail,
            wire: wire,
        )
        router.get("\(Self.api)/result/{task_id}/archive", pictures.archive)
        let picture = "\(Self.api)/result/{task_id}/images/{index}"
        router.get(picture, pictures.show)
        router.patch("\(picture)/blocks", pictures.change)
        router.get("\(picture)/{kind}", pictures.file)
    }

    private var trail: TaskTrail { TaskTrail(log: parts.log) }

    private var taskRoutes: TaskRoutes {
        let settings = parts.settings
        return TaskRoutes(
            create: create,
            estimate: WaitEstimate(
                images: stageParts.images,
                jobs: parts.jobs,
                lanes: parts.lanes,
                time: parts.time,
            ),
            follower: follower,
            reader: TaskReader(
                fetcher: PictureFetcher(client: parts.fetcher, maxBytes: settings.maxTotalBytes),
                images: parts.images,
                unpacker: unpacker,
            ),
            remove: remove,
            settings: settings,
            trail: trail,
            webhooks: signer,
            wire: wire,
        )
    }

    private var statsRoutes: StatsRoutes {
        StatsRoutes(
            images: stageParts.images,
            instance: parts.instance,
            jobs: parts.jobs,
            models: parts.models,
            settings: parts.settings,
            time: parts.time,
        )
    }
}
