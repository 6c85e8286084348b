import HTTPClient
import Kernel
import Synchronization
import Telemetry

/// The key set that an issuer publishes: fetched when it is first needed, and again when it is old or a token names a
/// key that it does not hold (which is how issuers rotate).
///
/// However many ask, one fetch runs at a time and none begins within a minute of the last, so forged tokens cannot
/// make this server call another. While the issuer is away the last set goes on serving, for a day at most.
package final class RemoteKeySet: Sendable {
    /// Between the beginnings of two fetches.
    package static let pause = Duration.seconds(60)
    /// The same while there is no set at all and nobody can be let in.
    package static let firstPause = Duration.seconds(5)
    /// How old a set may grow when no newer one can be had.
    package static let longestUse = Duration.seconds(86_400)

    private struct State {
        var keys: KeySet?
        /// When the fetch began that gave `keys`.
        var fetchedAt: Timestamp?
        /// When the last fetch began, whatever came of it.
        var triedAt: Timestamp?
        var running: Task<Void, Never>?
    }

    private let url: String
    private let lifetime: Duration
    private let client: HTTPClient
    private let time: any TimeSource
    private let log: Log
    private let fetches: Counter
    private let state = Mutex(State())

    /// - Parameters:
    ///   - url: Where the set is published, `https` unless the network is trusted.
    ///   - lifetime: How long a set is used without asking again.
    ///   - client: What fetches.
    ///   - time: Decides what is old.
    ///   - log: Hears of fetches that failed.
    ///   - metrics: Where fetches are counted.
    package init(url: String, lifetime: Duration, client: HTTPClient, time: any TimeSource, log: Log, metrics: Metrics)
    {
        self.url = url
        self.lifetime = lifetime
        self.client = client
        self.time = time
        self.log = log
        fetches = metrics.counter(
            "jwks_fetches_total",
            "Fetches of the key set that checks tokens.",
            labels: ["result"],
        )
    }

    func candidates(for id: String?, _ kind: PublicKey.Kind) async throws(TokenError) -> [PublicKey] {
        if let found = known(noOlderThan: lifetime)?.candidates(for: id, kind), !found.isEmpty { return found }
        await fetchIfDue()
        guard let keys = known(noOlderThan: max(lifetime, Self.longestUse)) else {
            throw .keysUnavailable(retryAfter: Self.firstPause)
        }
        return keys.candidates(for: id, kind)
    }

    private func known(noOlderThan age: Duration) -> KeySet? {
        let now = time.now
        return state.withLock { state in
            guard let fetchedAt = state.fetchedAt, now - fetchedAt < age else { return nil }
            return state.keys
        }
    }

    /// Returns when the fetch that this call began or found has ended, or at once when none is due.
    private func fetchIfDue() async {
        let now = time.now
        let fetch = state.withLock { state -> Task<Void, Never>? in
            if let running = state.running { return running }
            let pause = state.keys == nil ? Self.firstPause : Self.pause
            if let triedAt = state.triedAt, now - triedAt < pause { return nil }
            state.triedAt = now
            // A task of its own: the request that began it may be cancelled while others wait for the same keys.
            let task = Task { await self.fetch(at: now) }
            state.running = task
            return task
        }
        await fetch?.value
    }

    private func fetch(at now: Timestamp) async {
        do {
            let keys = try await download()
            fetches.add(1, "ok")
            if keys.isEmpty { log.warning("key set without usable keys", ["jwks.url": url]) }
            state.withLock { state in
                state.keys = keys
                state.fetchedAt = now
                state.running = nil
            }
        } catch {
            fetches.add(1, "failed")
            log.warning("key set not fetched", ["jwks.url": url, "error": "\(error)"])
            state.withLock { $0.running = nil }
        }
    }

    private func download() async throws -> KeySet {
        let request = HTTPRequest(
            .get,
            url,
            headers: ["Accept": "application/json"],
            timeouts: HTTPTimeouts(connect: .seconds(5), idle: .seconds(5), total: .seconds(5)),
            maxResponseBytes: KeySet.maxBytes,
        )
        let response = try await client.send(request)
        guard response.status == 200 else { throw UnexpectedStatus(status: response.status) }
        return try KeySet(parsing: response.body)
    }
}

/// Another server answered with something else than was asked for.
struct UnexpectedStatus: Error {
    let status: Int
}
