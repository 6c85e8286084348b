import Database
import Jobs
import Kernel

/// Lists the next page of a pull's source.
struct ListPull: JobArguments {
    static let kind = "memes.pull_list"
    let pull: ID<Pull>
}

/// Fetches a batch of a pull.
struct FetchPull: JobArguments {
    static let kind = "memes.pull_fetch"
    let pull: ID<Pull>
    let batch: Int
}

/// The pull was paused or cancelled while its work was under way.
struct PullStopped: Error {}

/// What the jobs of pulls and whoever steers them have in common.
struct PullParts: Sendable {
    let pulls: PullStore
    let items: PullItemStore
    let jobs: JobQueue
    let sources: PullSources
    let time: any TimeSource

    /// Lets the listing go on, once for each pull.
    func enqueueListing(of id: ID<Pull>, in transaction: any Transaction) throws {
        try jobs.enqueue(ListPull(pull: id), uniqueKey: id.description, in: transaction)
    }

    /// Lets a batch be fetched, once for each batch.
    func enqueueBatch(
        _ batch: Int,
        of id: ID<Pull>,
        notBefore: Timestamp? = nil,
        in transaction: any Transaction,
    ) throws {
        try jobs.enqueue(
            FetchPull(pull: id, batch: batch),
            uniqueKey: "\(id)/\(batch)",
            notBefore: notBefore,
            in: transaction,
        )
    }

    /// Ends a running pull when nothing is left to list or to fetch. The caller has locked it.
    func finishIfDone(_ pull: Pull, isListed: Bool, in transaction: any Transaction) throws {
        guard pull.state == .running, isListed, try !items.hasWaiting(pull.id, in: transaction) else { return }
        try finish(pull, in: transaction)
    }

    /// Ends a pull of which nothing is left to list or to fetch. Before that it is compared once with what earlier pulls
    /// found, unless its listing ended before the source did.
    func finish(_ pull: Pull, in transaction: any Transaction) throws {
        if pull.missing == nil, pull.options.maxImages == nil {
            try jobs.enqueue(PrunePull(pull: pull.id), uniqueKey: pull.id.description, in: transaction)
        } else {
            try pulls.set(.done, of: pull.id, at: time.now, in: transaction)
        }
    }
}
