import Jobs
import Kernel

/// The kinds of jobs that pulls are made of.
struct PullJobs: Sendable {
    let listing: PullListing
    let fetching: PullFetching
    let pruning: PullPruning

    func register(with jobs: JobQueue) {
        jobs.register(
            JobDefinition(
                ListPull.self,
                queue: MemesModule.pullListQueue,
                // S3 asks for longer waits than most when it is told to slow down.
                retry: .exponential(attempts: 10, base: .seconds(2), cap: .seconds(300)),
                timeout: .seconds(180),
                keepFinished: .zero,
                onRetry: { [listing] in try listing.retried($0.pull, $1, $2) },
                onDead: { [listing] in try listing.givenUp($0.pull, $1, $2) },
                work: { [listing] arguments, _ in try await listing.run(arguments.pull) },
            )
        )
        jobs.register(
            JobDefinition(
                FetchPull.self,
                queue: MemesModule.pullQueue,
                retry: .exponential(attempts: 5, base: .seconds(2), cap: .seconds(300)),
                // As long as a thousand of the largest objects take over a slow line.
                timeout: .seconds(6 * 3600),
                keepFinished: .zero,
                onDead: { [fetching] in try fetching.givenUp($0, $1, $2) },
                work: { [fetching] arguments, context in try await fetching.run(arguments, context) },
            )
        )
        jobs.register(
            JobDefinition(
                PrunePull.self,
                queue: MemesModule.pullQueue,
                retry: .exponential(attempts: 5, base: .seconds(2), cap: .seconds(300)),
                timeout: .seconds(3600),
                keepFinished: .zero,
                onDead: { [pruning] in try pruning.givenUp($0.pull, $1, $2) },
                work: { [pruning] arguments, _ in try await pruning.run(arguments.pull) },
            )
        )
    }
}
