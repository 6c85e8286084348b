import HTTPServer
import Kernel
import Telemetry

// Pulls: pictures of buckets and folders, taken in by durable jobs.
extension MemesModule {
    /// The queue of batches of objects that wait to be fetched.
    package static let pullQueue = "memes.pull"
    /// The queue of listings, apart from the batches: else a long batch would keep the next page waiting.
    package static let pullListQueue = "memes.pull_list"

    /// Everything that is known of pulls, for routes and pages.
    var pulls: PullStore { PullStore(database: parts.database) }

    /// Counts how far pulls are, for routes and pages.
    var pullProgress: PullProgressReader {
        PullProgressReader(database: parts.database, jobs: parts.jobs, time: parts.time)
    }

    /// Begins pulls and steers them.
    var pullService: PullService { PullService(parts: pullParts, maxFileBytes: parts.settings.maxFileBytes) }

    func registerPullJobs() {
        let counter = parts.metrics.counter(
            "meme_pull_items_total",
            "Objects of pulls, by what became of them.",
            labels: ["state"],
        )
        let fetching = PullFetching(
            parts: pullParts,
            addMeme: addMeme,
            libraries: libraries,
            maxFileBytes: parts.settings.maxFileBytes,
            parallel: parts.settings.pull.parallel,
            counter: counter,
            chance: { .random(in: 0...1) },
        )
        let listing = PullListing(parts: pullParts, maxFileBytes: parts.settings.maxFileBytes)
        let pruning = PullPruning(
            parts: pullParts,
            aliases: aliases,
            images: parts.images,
            maxFileBytes: parts.settings.maxFileBytes,
            forget: { [self] in try forget($0, in: $1) },
        )
        PullJobs(listing: listing, fetching: fetching, pruning: pruning).register(with: parts.jobs)
    }

    func addPullRoutes(to router: inout Router, _ envelope: Envelope) {
        PullRoutes(
            envelope: envelope,
            events: PullEvents(progress: pullProgress, time: parts.time),
            pulls: pulls,
            items: pullParts.items,
            progress: pullProgress,
            service: pullService,
        ).add(to: &router)
    }

    private var pullParts: PullParts {
        PullParts(
            pulls: pulls,
            items: PullItemStore(database: parts.database),
            jobs: parts.jobs,
            sources: PullSources(
                settings: parts.settings.pull,
                client: parts.client,
                time: parts.time,
                metrics: parts.metrics,
                log: parts.log,
                pool: pullDisks,
            ),
            time: parts.time,
        )
    }
}
