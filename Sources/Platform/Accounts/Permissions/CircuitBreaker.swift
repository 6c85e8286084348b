import Kernel
import SharedState
import Synchronization

/// Stops asking a service that does not answer, and lets one call at a time find out whether it does again.
///
/// Closed, every call goes through. After `threshold` failures in a row it opens, and no call does. After `timeout`,
/// and up to a tenth more so that many breakers do not come back together, it is half open: exactly one call is the
/// probe, whose success closes it and whose failure opens it anew. Nothing else closes it, the passing of time least
/// of all.
///
/// The state is shared by every process that shares the `SharedState`. When that is away, each process counts for
/// itself and goes on from what it knew last.
final class CircuitBreaker: Sendable {
    /// How a call came through.
    enum Permit: Sendable, Hashable { case normal, probe }

    enum Admission: Sendable, Hashable {
        case admitted(Permit)
        case refused(retryAfter: Duration)
    }

    struct Status: Sendable, Hashable {
        /// `closed`, `open` or `half_open`.
        let state: String
        /// In a row, until now or until it opened.
        let failures: Int
        let openedAt: Timestamp?
    }

    let threshold: Int
    let timeout: Duration
    private let probeLimit: Duration
    private let state: any SharedState
    private let time: any TimeSource
    private let chance: @Sendable () -> Double
    /// For when the shared state has nothing to say.
    private let known = Mutex<Opening?>(nil)

    private static let key = "auth:circuit_breaker:state"
    private static let failuresKey = "auth:circuit_breaker:failures"
    /// An hour without any answer at all, good or bad, makes failures no longer "in a row".
    private static let failuresLifetime = Duration.seconds(3600)
    /// Every probe writes anew, so this only ends for a service that nobody asked for a week.
    private static let stateLifetime = Duration.seconds(7 * 86_400)

    /// - Parameters:
    ///   - threshold: Failures in a row that open it.
    ///   - timeout: How long it stays open at least.
    ///   - probeLimit: After this long a probe that was never reported is given up, as its process must have died.
    ///   - state: Where the state is shared.
    ///   - time: Decides when it is half open.
    ///   - chance: A random number from 0 to 1, for the tenth.
    init(
        threshold: Int,
        timeout: Duration,
        probeLimit: Duration,
        state: any SharedState,
        time: any TimeSource,
        chance: @escaping @Sendable () -> Double = { .random(in: 0...1) },
    ) {
        self.threshold = threshold
        self.timeout = timeout
        self.probeLimit = probeLimit
        self.state = state
        self.time = time
        self.chance = chance
    }

    /// Whether a call may go through. Whoever is admitted reports how it went.
    func admit() async -> Admission {
        guard let opening = await current() else { return .admitted(.normal) }
        let wait = opening.halfOpensAt - time.now
        guard wait <= .zero else { return .refused(retryAfter: wait) }
        // One counter for each time it opened: whoever counts to one has the probe, on whatever process.
        let turn = await state.increment("\(Self.key):probe:\(opening.halfOpensAt.milliseconds)", ttl: probeLimit)
        return turn == 1 ? .admitted(.probe) : .refused(retryAfter: .seconds(1))
    }

    /// The service answered. A call that began before the breaker opened does not close it.
    func succeeded(_ permit: Permit) async {
        await state.delete(Self.failuresKey)
        if permit == .probe { await write(nil) }
    }

    /// The service did not answer, or not sensibly.
    ///
    /// - Returns: Whether that opened the breaker.
    @discardableResult
    func failed(_ permit: Permit) async -> Bool {
        let failures = await state.increment(Self.failuresKey, ttl: Self.failuresLifetime)
        if permit == .normal {
            guard failures >= threshold, await current() == nil else { return false }
        }
        let now = time.now
        let jitter = timeout * (0.1 * chance())
        await write(Opening(openedAt: now, halfOpensAt: now + timeout + jitter, failures: failures))
        return true
    }

    /// For health checks.
    func status() async -> Status {
        guard let opening = await current() else {
            let failures = await state.increment(Self.failuresKey, by: 0, ttl: Self.failuresLifetime)
            return Status(state: "closed", failures: failures, openedAt: nil)
        }
        let name = time.now < opening.halfOpensAt ? "open" : "half_open"
        return Status(state: name, failures: opening.failures, openedAt: opening.openedAt)
    }

    private func current() async -> Opening? {
        guard let shared = await state.get(Self.key).flatMap({ try? JSON(parsing: $0) }) else {
            return known.withLock { $0 }
        }
        let opening = Opening(shared)
        known.withLock { $0 = opening }
        return opening
    }

    private func write(_ opening: Opening?) async {
        known.withLock { $0 = opening }
        // Closed is written, not deleted: nothing there means that the state was lost.
        let json = opening?.json ?? ["state": "closed"]
        await state.set(Self.key, json.bytes, ttl: Self.stateLifetime)
    }
}

private struct Opening: Sendable {
    let openedAt: Timestamp
    let halfOpensAt: Timestamp
    let failures: Int

    init(openedAt: Timestamp, halfOpensAt: Timestamp, failures: Int) {
        self.openedAt = openedAt
        self.halfOpensAt = halfOpensAt
        self.failures = failures
    }

    /// `nil` for a closed breaker.
    init?(_ json: JSON) {
        guard json["state"] == "open", let openedAt = json["opened_at"]?.integer,
            let halfOpensAt = json["half_opens_at"]?.integer, let failures = json["failures"]?.integer
        else { return nil }
        self.init(
            openedAt: Timestamp(milliseconds: openedAt),
            halfOpensAt: Timestamp(milliseconds: halfOpensAt),
            failures: Int(failures),
        )
    }

    var json: JSON {
        [
            "state": "open", "failures": JSON(failures), "opened_at": .integer(openedAt.milliseconds),
            "half_opens_at": .integer(halfOpensAt.milliseconds),
        ]
    }
}
