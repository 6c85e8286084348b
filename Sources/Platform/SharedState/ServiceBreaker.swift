import Kernel
import Synchronization

/// Stops asking a service that does not answer, and lets one call at a time find out whether it does again.
///
/// Closed, every call goes through. After `threshold` failures in a row it opens, and no call does. After `timeout`,
/// and up to a tenth more so that many breakers do not come back together, it is half open: exactly one call is the
/// probe, whose success closes it and whose failure opens it anew. Nothing else closes it, the passing of time least
/// of all. A service that refuses opens it with ``open(for:reason:followers:)``: then others may follow the probe once it
/// runs for longer than a refusal takes, and the first good answer of any of them closes it.
///
/// The state is shared by every process that shares the `SharedState`. When that is away, each process counts for
/// itself and goes on from what it knew last.
package final class ServiceBreaker: Sendable {
    /// How a call came through. One that was let through while it was half open names that opening by the moment of its
    /// end: what it says of an earlier opening says nothing about a later one.
    package enum Permit: Sendable, Hashable {
        case normal
        case probe(of: Timestamp)
        case follower(of: Timestamp)

        fileprivate var opening: Timestamp? {
            switch self {
            case .normal: nil
            case .probe(let opening), .follower(let opening): opening
            }
        }
    }

    /// Who may follow a probe that is not refused at once. How long that takes is known of services that count calls: they
    /// refuse within moments, and take their time for what they take in.
    package enum Followers: String, Sendable {
        /// It may hang: nobody before the probe has ended.
        case none
        /// It may refuse again after a few calls: 2 follow after 2 seconds, 4 more after 4, 8 more after 6 and so on.
        case more
        /// It said itself when it can be asked again: everybody after 2 seconds.
        case all
    }

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
        /// What ``ServiceBreaker/open(for:reason:followers:)`` was told; empty when failures opened it.
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

    /// A refusal that takes longer costs a few more.
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
        guard await state.increment(probeKey(opening), ttl: probeLimit) == 1 else { return await follow(opening) }
        if opening.followers != .none {
            await state.set(beginningKey(opening), JSON.integer(time.now.milliseconds).bytes, ttl: probeLimit)
        }
        return .admitted(.probe(of: opening.halfOpensAt))
    }

    /// Of a call that finds the probe under way. Who is refused may come again when more may follow.
    private func follow(_ opening: Opening) async -> Admission {
        guard opening.followers != .none, let beginning = await beginning(of: opening) else {
            return .refused(retryAfter: .seconds(1))
        }
        let step = max(0, Int((time.now - beginning) / Self.refusalTime))
        if step > 0, await mayFollow(opening, beginning, step) { return .admitted(.follower(of: opening.halfOpensAt)) }
        return .refused(retryAfter: beginning + Self.refusalTime * (step + 1) - time.now)
    }

    /// `step`: how often a refusal's time has passed since the probe began.
    private func mayFollow(_ opening: Opening, _ beginning: Timestamp, _ step: Int) async -> Bool {
        if opening.followers == .all { return true }
        let key = "\(beginningKey(opening)):\(beginning.milliseconds):\(step)"
        return await state.increment(key, ttl: probeLimit) <= 1 << min(step, 30)
    }

    /// When the probe began; `nil` when nobody knows.
    private func beginning(of opening: Opening) async -> Timestamp? {
        guard let text = await state.get(beginningKey(opening)) else { return nil }
        return (try? JSON(parsing: text))?.integer.map { Timestamp(milliseconds: $0) }
    }

    /// The service answered. A call that began before the breaker opened does not close it.
    ///
    /// - Returns: Whether that closed the breaker.
    @discardableResult
    package func succeeded(_ permit: Permit) async -> Bool {
        await state.delete(failuresKey)
        guard permit != .normal, isOf(permit, await current()) else { return false }
        await write(nil)
        return true
    }

    /// The service did not answer, or not sensibly.
    ///
    /// - Returns: Whether that opened the breaker.
    @discardableResult
    package func failed(_ permit: Permit) async -> Bool {
        let failures = await state.increment(failuresKey, ttl: window)
        let before = await current()
        let isProbe = if case .probe = permit { isOf(permit, before) } else { false }
        guard isProbe || before == nil && failures >= threshold else { return false }
        let jitter = timeout * (0.1 * chance())
        await write(Opening(openedAt: time.now, wait: timeout + jitter, failures: failures, reason: ""))
        return true
    }

    /// An admitted call was not made after all; the next one may be the probe.
    package func withdrawn(_ permit: Permit) async {
        guard case .probe = permit, let opening = await current(), isOf(permit, opening) else { return }
        await state.delete(probeKey(opening))
    }

    /// Whether a call came through while this opening was half open.
    private func isOf(_ permit: Permit, _ opening: Opening?) -> Bool {
        opening != nil && permit.opening == opening?.halfOpensAt
    }

    /// Opens it because the service refuses, whatever was counted before. It never ends an earlier opening sooner.
    /// `reason` is a word for people and holds no secret; `failures` count for each reason anew.
    ///
    /// - Returns: Whether it was not open before.
    @discardableResult
    package func open(for wait: Duration, reason: String, followers: Followers) async -> Bool {
        let (before, now) = (await current(), time.now)
        if let before, before.halfOpensAt > now + wait { return false }
        // Calls that were under way when it opened say the same once more; only a probe's failure is another one.
        let isNew = before.map { $0.halfOpensAt <= now } ?? true
        let inARow = before.map { $0.reason == reason ? $0.failures : 0 } ?? 0
        let failures = max(1, inARow + (isNew ? 1 : 0))
        await write(Opening(openedAt: now, wait: wait, failures: failures, reason: reason, followers: followers))
        return isNew
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
    private func beginningKey(_ opening: Opening) -> String { probeKey(opening) + ":beginning" }

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
    let followers: ServiceBreaker.Followers

    init(
        openedAt: Timestamp,
        wait: Duration,
        failures: Int,
        reason: String,
        followers: ServiceBreaker.Followers = .none,
    ) {
        self.openedAt = openedAt
        halfOpensAt = openedAt + wait
        self.failures = failures
        self.reason = reason
        self.followers = followers
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
        followers = json["followers"]?.string.flatMap(ServiceBreaker.Followers.init) ?? .none
    }

    var json: JSON {
        [
            "state": "open", "failures": JSON(failures), "opened_at": .integer(openedAt.milliseconds),
            "half_opens_at": .integer(halfOpensAt.milliseconds), "reason": JSON(reason),
            "followers": JSON(followers.rawValue),
        ]
    }
}
