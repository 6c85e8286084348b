import Database
import Kernel
import Synchronization
import Telemetry

/// Keeps what searches ask up with the rows: all of them at start, then whatever any process changes, within a second.
struct IndexFollower: Service {
    let index: any FollowingIndex
    let database: any Database
    let log: Log
    let metrics: Metrics
    let time: any TimeSource

    /// How often the tables are looked at without being told: a command beside a server on SQLite has nobody to tell.
    static let interval = Duration.milliseconds(500)

    var name: String { "meme index" }

    func run() async throws {
        let lag = IndexLag(metrics, time)
        for await _ in hints() {
            do {
                let begin = time.now
                try await index.catchUp()
                lag.note(begin)
            } catch {
                log.warning("the index of memes is behind", ["error": "\(error)"])
            }
            if Task.isCancelled { return }
        }
    }

    /// An element at once, after every announcement, and every ``interval``; several may come as one.
    private func hints() -> AsyncStream<Void> {
        let announcements = database.announcements(changeChannel)
        let (hints, hint) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let listening = Task { for await _ in announcements { hint.yield() } }
        let looking = Task { [time] in
            while true {
                hint.yield()
                try await time.sleep(until: time.now + Self.interval)
            }
        }
        hint.onTermination = { _ in
            listening.cancel()
            looking.cancel()
        }
        return hints
    }
}

/// The metric `meme_index_lag_seconds`: changes older than this are in the index. Well below a second unless the database
/// does not answer or the index cannot read a row.
private final class IndexLag: Sendable {
    private let knownUntil: Mutex<Timestamp>

    init(_ metrics: Metrics, _ time: any TimeSource) {
        knownUntil = Mutex(time.now)
        let gauge = metrics.gauge("meme_index_lag_seconds", "How old the changes are that the index may not have.")
        metrics.onCollect { [self] in gauge.set((time.now - knownUntil.withLock { $0 }).seconds) }
    }

    /// The index has every change that was made before `moment`.
    func note(_ moment: Timestamp) { knownUntil.withLock { $0 = moment } }
}

/// What is kept up with the rows.
protocol FollowingIndex: Sendable {
    /// Reads everything that has changed since the last time.
    func catchUp() async throws
}
