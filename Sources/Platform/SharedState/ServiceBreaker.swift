import Kernel
import Synchronization

/// Stops asking a service that does not answer, and lets one call at a time find out whether it does again.
///
/// Closed, every call goes through. After `threshold` failures in a row it opens, and no call does. After `timeout`,
/// and up to a tenth more so that many breakers do not come back together, it is half open: exactly one call is the
/// probe, whose success closes it and whose failure opens it anew. Nothing else closes it, the passing of time least
/// of all. A service that says itself when it can be asked again opens it with ``open(for:reason:isTold:)``: then others
/// follow the probe once it runs for longer than a refusal takes.
///
/// The state is shared by every process that shares the `SharedState`. When that is away, each process counts for
/// itself and goes on from what it knew last.
package final class ServiceBreaker: Sendable {
    /// How a call came through.
    package enum Permit: Sendable, Hashable { case normal, probe }

    /// Whether a call may go through.
    package enum Admission: Sendable, Hashable {
        case admitted(Permit)
        case refused(retryAfter: Duration)
    }

    /// Where a breaker stands.
    package struct Status: Sendable, Hashable {
        /// `closed`, `open` or `half_open`.
        package let state: String
        /// In a row, until now or until it opened.
        package let failures: Int
        package let openedAt: Timestamp?
        /// When one call is let through; `nil` while it is closed.
        package let halfOpensAt: Timestamp?
        /// What ``ServiceBreaker/open(for:reason:isTold:)`` was told; empty when failures opened it.
        package let reason: String
    }

    private let key: String
    private let threshold: Int
    private let window: Duration
    private let timeout: Duration
    private let probeLimit: Duration
    private let state: any SharedState
    private let time: any TimeSource
    private let chance: @Sendable () -> Double
    /// For when the shared state has nothing to say.
    private let known = Mutex<Opening?>(nil)

    /// A service that counts calls refuses one at once, and takes its time for one that it takes in.
    private static let refusalTime = Duration.seconds(2)

    /// Every probe writes anew, so this only ends for a service that nobody asked for a week.
    private static let stateLifetime = Duration.seconds(7 * 86_400)

    /// - Parameters:
    ///   - key: Begins the names in the shared state; breakers with the same one are the same.
    ///   - threshold: Failures in a row that open it.
    ///   - window: So long after the first of a row its failures are forgotten.
    ///   - timeout: How long it stays open at least.
    ///   - probeLimit: After this long a probe that was never reported is given up, as its process must have died.
    ///   - state: Where the state is shared.
    ///   - time: Decides when it is half open.
    ///   - chance: A random number from 0 to 1, for the tenth.
    package init(
        key: String,
        threshold: Int,
        window: Duration,
        timeout: Duration,
        probeLimit: Duration,
        state: any SharedState,
        time: any TimeSource,
        chance: @escaping @Sendable () -> Double = { .random(in: 0...1) },
    ) {
        self.key = key
        self.threshold = threshold
        self.window = window
        self.timeout = timeout
        self.probeLimit = probeLimit
        self.state = state
        self.time = time
        self.chance = chance
    }

    /// Whether a call may go through. Whoever is admitted reports how it went.
    package func admit() async -> Admission {
        guard let opening = await current() else { return .admitted(.normal) }
        let wait = opening.halfOpensAt - time.now
        guard wait <= .zero else { return .refused(retryAfter: wait) }
        // One counter for each time it opened: whoever counts to one has the probe, on whatever process.
        let turn = await state.increment(probeKey(opening), ttl: probeLimit)
        if turn == 1 {
            if opening.isTold { await noteProbe(of: opening) }
            return .admitted(.probe)
        }
        let rest = opening.isTold ? await refusalTime(of: opening) : .seconds(1)
        return rest > .zero ? .refused(retryAfter: rest) : .admitted(.normal)
    }

    /// The service answered. A call that began before the breaker opened does not close it.
    package func succeeded(_ permit: Permit) async {
        await state.delete(failuresKey)
        if permit == .probe { await write(nil) }
    }

    /// The service did not answer, or not sensibly.
    ///
    /// - Returns: Whether that opened the breaker.
    @discardableResult
    package func failed(_ permit: Permit) async -> Bool {
        let failures = await state.increment(failuresKey, ttl: window)
        if permit == .normal {
            guard failures >= threshold, await current() == nil else { return false }
        }
        let jitter = timeout * (0.1 * chance())
        await write(Opening(openedAt: time.now, wait: timeout + jitter, failures: failures, reason: ""))
        return true
    }

    private func noteProbe(of opening: Opening) async {
        await state.set(probeKey(opening), JSON.integer(time.now.milliseconds).bytes, ttl: probeLimit)
    }

    /// How long it is open yet whether the probe is refused; a second when nobody knows since when it runs.
    private func refusalTime(of opening: Opening) async -> Duration {
        guard let text = await state.get(probeKey(opening)), let began = (try? JSON(parsing: text))?.integer else {
            return .seconds(1)
        }
        return Timestamp(milliseconds: began) + Self.refusalTime - time.now
    }

    /// An admitted call was not made after all; the next one may be the probe.
    package func withdrawn(_ permit: Permit) async {
        guard permit == .probe, let opening = await current() else { return }
        await state.delete(probeKey(opening))
    }

    /// Opens it because the service said that it will refuse for so long, whatever was counted before. It never ends
    /// an earlier opening sooner. `reason` is a word for people and holds no secret; `isTold` says that the service
    /// counts calls and named `wait` itself.
    package func open(for wait: Duration, reason: String, isTold: Bool = false) async {
        let (before, now) = (await current(), time.now)
        if let before, before.halfOpensAt > now + wait { return }
        // Calls that were under way when it opened say the same once more; only a probe's failure is another one.
        let isNew = before.map { $0.halfOpensAt <= now } ?? true
        let failures = (before?.failures ?? 0) + (isNew ? 1 : 0)
        await write(Opening(openedAt: now, wait: wait, failures: failures, reason: reason, isTold: isTold))
    }

    /// For health checks and pages.
    package func status() async -> Status {
        if let opening = await opening() { return opening }
        let failures = await state.increment(failuresKey, by: 0, ttl: window)
        return Status(state: "closed", failures: failures, openedAt: nil, halfOpensAt: nil, reason: "")
    }

    /// The status of a breaker that is not closed, else `nil`: one look that changes nothing, for every call.
    package func opening() async -> Status? {
        guard let opening = await current() else { return nil }
        return Status(
            state: time.now < opening.halfOpensAt ? "open" : "half_open",
            failures: opening.failures,
            openedAt: opening.openedAt,
            halfOpensAt: opening.halfOpensAt,
            reason: opening.reason,
        )
    }

    private var stateKey: String { key + ":state" }
    private var failuresKey: String { key + ":failures" }
    private func probeKey(_ opening: Opening) -> String { "\(stateKey):probe:\(opening.halfOpensAt.milliseconds)" }

    private func current() async -> Opening? {
        guard let shared = await state.get(stateKey).flatMap({ try? JSON(parsing: $0) }) else {
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
        await state.set(stateKey, json.bytes, ttl: Self.stateLifetime)
    }
}

private struct Opening: Sendable {
    let openedAt: Timestamp
    let halfOpensAt: Timestamp
    let failures: Int
    let reason: String
    let isTold: Bool

    init(openedAt: Timestamp, wait: Duration, failures: Int, reason: String, isTold: Bool = false) {
        self.openedAt = openedAt
        halfOpensAt = openedAt + wait
        self.failures = failures
        self.reason = reason
        self.isTold = isTold
    }

    /// `nil` for a closed breaker.
    init?(_ json: JSON) {
        guard json["state"] == "open", let openedAt = json["opened_at"]?.integer,
            let halfOpensAt = json["half_opens_at"]?.integer, let failures = json["failures"]?.integer
        else { return nil }
        self.openedAt = Timestamp(milliseconds: openedAt)
        self.halfOpensAt = Timestamp(milliseconds: halfOpensAt)
        self.failures = Int(failures)
        reason = json["reason"]?.string ?? ""
        isTold = json["is_told"] == true
    }

    var json: JSON {
        [
            "state": "open", "failures": JSON(failures), "opened_at": .integer(openedAt.milliseconds),
            "half_opens_at": .integer(halfOpensAt.milliseconds), "reason": JSON(reason),
            "is_told": JSON(isTold),
        ]
    }
}
