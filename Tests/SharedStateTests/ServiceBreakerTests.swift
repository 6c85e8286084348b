import Kernel
import SharedState
import TestSupport
import Testing

@Suite struct ServiceBreakerTests {
    private let time = ManualTime()
    private let state: AbsentState
    private let breaker: ServiceBreaker

    init() {
        state = AbsentState(MemorySharedState(time: time))
        breaker = Self.make(state, time)
    }

    private static func make(_ state: any SharedState, _ time: ManualTime, chance: Double = 0) -> ServiceBreaker {
        ServiceBreaker(
            key: "service",
            threshold: 5,
            window: .seconds(3600),
            timeout: .seconds(60),
            probeLimit: .seconds(15),
            state: state,
            time: time,
            chance: { chance },
        )
    }

    private func fail(_ count: Int) async { for _ in 0..<count { await breaker.failed(.normal) } }

    /// Of an opening that ends now.
    private var probe: ServiceBreaker.Permit { .probe(of: time.now) }

    private func isTold(_ state: String, _ failures: Int, _ openedAt: Timestamp?) async -> Bool {
        let status = await breaker.status()
        return status.state == state && status.failures == failures && status.openedAt == openedAt
    }

    private func opened() async {
        await fail(5)
        #expect(await breaker.status().state == "open")
    }

    @Test func itBeginsClosed() async {
        #expect(await isTold("closed", 0, nil))
    }

    @Test func closedItLetsEveryCallThrough() async {
        for _ in 0..<100 { #expect(await breaker.admit() == .admitted(.normal)) }
    }

    @Test func aSuccessLeavesItClosed() async {
        await breaker.succeeded(.normal)
        #expect(await breaker.status().state == "closed")
    }

    @Test func failuresAreCounted() async {
        for count in 1...4 {
            #expect(await !breaker.failed(.normal))
            #expect(await isTold("closed", count, nil))
            #expect(await breaker.admit() == .admitted(.normal))
        }
    }

    @Test func theFifthFailureInARowOpensIt() async {
        await fail(4)
        #expect(await breaker.failed(.normal))
        #expect(await isTold("open", 5, time.now))
    }

    @Test func aSuccessBeginsTheCountAnew() async {
        await fail(4)
        await breaker.succeeded(.normal)
        #expect(await breaker.status().failures == 0)
        await fail(4)
        #expect(await breaker.status().state == "closed")
    }

    @Test("open it refuses every call and says for how long")
    func refused() async {
        await opened()
        #expect(await breaker.admit() == .refused(retryAfter: .seconds(60)))
        time.advance(by: .seconds(20))
        #expect(await breaker.admit() == .refused(retryAfter: .seconds(40)))
    }

    @Test func afterTheTimeoutItIsHalfOpen() async {
        await opened()
        time.advance(by: .milliseconds(59_999))
        #expect(await breaker.status().state == "open")
        time.advance(by: .milliseconds(1))
        #expect(await breaker.status().state == "half_open")
    }

    @Test("half open it lets exactly one of a hundred through")
    func oneProbe() async {
        await opened()
        time.advance(by: .seconds(60))
        let admissions = await withTaskGroup(of: ServiceBreaker.Admission.self) { group in
            for _ in 0..<100 { group.addTask { await breaker.admit() } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(admissions.count { $0 == .admitted(probe) } == 1)
        #expect(admissions.count { $0 == .refused(retryAfter: .seconds(1)) } == 99)
    }

    @Test func aGoodProbeCloses() async {
        await opened()
        time.advance(by: .seconds(60))
        #expect(await breaker.admit() == .admitted(probe))
        await breaker.succeeded(probe)
        #expect(await isTold("closed", 0, nil))
        #expect(await breaker.admit() == .admitted(.normal))
        await fail(4)
        #expect(await breaker.status().state == "closed")
    }

    @Test("a bad probe opens it anew, and the next one waits as long again")
    func badProbe() async {
        await opened()
        time.advance(by: .seconds(60))
        #expect(await breaker.admit() == .admitted(probe))
        #expect(await breaker.failed(probe))
        #expect(await isTold("open", 6, time.now))
        #expect(await breaker.admit() == .refused(retryAfter: .seconds(60)))
        time.advance(by: .seconds(60))
        #expect(await breaker.admit() == .admitted(probe))
    }

    @Test("a probe whose process died is given up, and then there is one more")
    func lostProbe() async {
        await opened()
        time.advance(by: .seconds(60))
        let probe = probe
        #expect(await breaker.admit() == .admitted(probe))
        time.advance(by: .milliseconds(14_999))
        #expect(await breaker.admit() == .refused(retryAfter: .seconds(1)))
        time.advance(by: .milliseconds(1))
        #expect(await breaker.admit() == .admitted(probe))
        #expect(await breaker.admit() == .refused(retryAfter: .seconds(1)))
    }

    @Test("calls that began before it opened neither close it nor keep it open longer")
    func lateCalls() async {
        await opened()
        time.advance(by: .seconds(10))
        await breaker.succeeded(.normal)
        #expect(await breaker.status().state == "open")
        await fail(10)
        #expect(await breaker.admit() == .refused(retryAfter: .seconds(50)))
    }

    @Test("only a good probe closes it, however long nobody asks", arguments: [121, 3600, 7 * 86_400 + 1])
    func patience(seconds: Int) async {
        await opened()
        let probe = ServiceBreaker.Permit.probe(of: time.now + .seconds(60))
        time.advance(by: .seconds(seconds))
        #expect(await breaker.status().state == "half_open")
        #expect(await breaker.admit() == .admitted(probe))
        #expect(await breaker.admit() == .refused(retryAfter: .seconds(1)))
    }

    @Test(
        "many breakers do not come back at the same moment",
        arguments: [(0.0, 60_000), (0.5, 63_000), (1.0, 66_000)],
    )
    func jitter(chance: Double, milliseconds: Int) async {
        let breaker = Self.make(state, time, chance: chance)
        for _ in 0..<5 { await breaker.failed(.normal) }
        #expect(await breaker.admit() == .refused(retryAfter: .milliseconds(milliseconds)))
    }

    @Test func theMomentItOpenedIsTold() async {
        await fail(4)
        time.advance(by: .milliseconds(1500))
        await fail(1)
        #expect(await breaker.status().openedAt == time.now)
        time.advance(by: .milliseconds(1500))
        #expect(await breaker.status().openedAt == time.now - .milliseconds(1500))
    }

    @Test func manyAtOnceOpenItOnce() async {
        let openings = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<5 { group.addTask { await breaker.failed(.normal) } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(openings == 1)
        #expect(await breaker.status().failures == 5)
    }

    @Test("processes that share the state share the breaker, and have one probe together")
    func shared() async {
        let other = Self.make(state, time)
        await fail(3)
        #expect(await !other.failed(.normal))
        #expect(await other.failed(.normal))
        #expect(await breaker.status().state == "open")
        time.advance(by: .seconds(60))
        #expect(await other.admit() == .admitted(probe))
        #expect(await breaker.admit() == .refused(retryAfter: .seconds(1)))
        await other.succeeded(probe)
        #expect(await breaker.admit() == .admitted(.normal))
        let later = Self.make(state, time)
        #expect(await later.status().state == "closed")
    }

    @Test("a breaker that begins later finds it open")
    func persistence() async {
        await opened()
        let later = Self.make(state, time)
        #expect(await later.admit() == .refused(retryAfter: .seconds(60)))
        let known = await breaker.status()
        #expect(await later.status() == known)
    }

    @Test("when the shared state is lost or away, the process goes on from what it knew")
    func stateAway() async {
        await opened()
        state.isAway.value = true
        #expect(await breaker.admit() == .refused(retryAfter: .seconds(60)))
        time.advance(by: .seconds(60))
        #expect(await breaker.admit() == .admitted(probe))
        #expect(await breaker.admit() == .refused(retryAfter: .seconds(1)))
        await breaker.failed(probe)
        #expect(await breaker.admit() == .refused(retryAfter: .seconds(60)))
        time.advance(by: .seconds(60))
        #expect(await breaker.admit() == .admitted(probe))
        await breaker.succeeded(probe)
        #expect(await breaker.admit() == .admitted(.normal))
    }

    @Test("a service that refuses is left alone for so long, and refusals in a row count for each reason")
    func told() async {
        #expect(await breaker.open(for: .seconds(90), reason: "rate", followers: .more))
        #expect(await breaker.admit() == .refused(retryAfter: .seconds(90)))
        #expect(await breaker.status().reason == "rate")
        #expect(await !breaker.open(for: .seconds(10), reason: "rate", followers: .more))
        #expect(await breaker.admit() == .refused(retryAfter: .seconds(90)))
        #expect(await !breaker.open(for: .seconds(100), reason: "quota", followers: .more))
        #expect(await breaker.admit() == .refused(retryAfter: .seconds(100)))
        #expect(await isTold("open", 1, time.now))
        time.advance(by: .seconds(100))
        #expect(await breaker.admit() == .admitted(probe))
        await breaker.open(for: .seconds(5), reason: "quota", followers: .more)
        #expect(await isTold("open", 2, time.now))
        time.advance(by: .seconds(5))
        await breaker.open(for: .seconds(5), reason: "rate", followers: .more)
        #expect(await isTold("open", 1, time.now))
    }

    @Test("when a wait that the service named is over, others follow a probe that is not refused at once")
    func othersFollow() async {
        await breaker.open(for: .seconds(26), reason: "rate", followers: .all)
        time.advance(by: .seconds(26))
        let (probe, follower) = (probe, ServiceBreaker.Permit.follower(of: time.now))
        #expect(await breaker.admit() == .admitted(probe))
        // How often others ask meanwhile makes no difference.
        for _ in 0..<1000 { #expect(await breaker.admit() == .refused(retryAfter: .seconds(2))) }
        time.advance(by: .milliseconds(500))
        #expect(await breaker.admit() == .refused(retryAfter: .milliseconds(1500)))
        time.advance(by: .milliseconds(1500))
        for _ in 0..<100 { #expect(await breaker.admit() == .admitted(follower)) }
        // One that is refused after all opens it anew for all, and what the others say belongs to before.
        await breaker.open(for: .seconds(10), reason: "rate", followers: .all)
        #expect(await breaker.admit() == .refused(retryAfter: .seconds(10)))
        #expect(await !breaker.succeeded(probe))
        #expect(await !breaker.succeeded(follower))
        #expect(await !breaker.failed(probe))
        #expect(await breaker.admit() == .refused(retryAfter: .seconds(10)))
        time.advance(by: .seconds(10))
        let next = self.probe
        #expect(await breaker.admit() == .admitted(next))
        await breaker.withdrawn(probe)
        #expect(await breaker.admit() == .refused(retryAfter: .seconds(2)))
        await breaker.withdrawn(next)
        #expect(await breaker.admit() == .admitted(next))
        #expect(await breaker.succeeded(next))
        #expect(await breaker.status().state == "closed")
    }

    @Test("when nobody said how long a refusal lasts, more and more follow the probe; processes count them together")
    func moreFollow() async {
        let other = Self.make(state, time)
        await breaker.open(for: .seconds(10), reason: "rate", followers: .more)
        time.advance(by: .seconds(10))
        #expect(await breaker.admit() == .admitted(probe))
        let follower = ServiceBreaker.Permit.follower(of: time.now)
        for expected in [0, 2, 4, 8, 16] {
            var count = 0
            for _ in 0..<25 {
                for breaker in [breaker, other] {
                    let admission = await breaker.admit()
                    count += admission == .admitted(follower) ? 1 : 0
                    #expect(admission == .admitted(follower) || admission == .refused(retryAfter: .seconds(2)))
                }
            }
            #expect(count == expected)
            time.advance(by: .seconds(2))
        }
        #expect(await other.status().state == "half_open")
        #expect(await other.succeeded(follower))
        #expect(await breaker.admit() == .admitted(.normal))
        // The probe hears of its end last; that is one failure, as of any call.
        #expect(await !breaker.failed(.probe(of: time.now - .seconds(10))))
        #expect(await isTold("closed", 1, nil))
    }

    @Test("a follower that fails is no probe, and one that was not made leaves the probe its turn")
    func followerFails() async {
        await breaker.open(for: .seconds(10), reason: "rate", followers: .more)
        time.advance(by: .seconds(10))
        let follower = ServiceBreaker.Permit.follower(of: time.now)
        #expect(await breaker.admit() == .admitted(probe))
        time.advance(by: .seconds(2))
        #expect(await breaker.admit() == .admitted(follower))
        #expect(await !breaker.failed(follower))
        await breaker.withdrawn(follower)
        #expect(await breaker.status().state == "half_open")
        #expect(await breaker.admit() == .admitted(follower))
        #expect(await breaker.admit() == .refused(retryAfter: .seconds(2)))
    }

    @Test("a probe that was not made after all leaves its turn to the next")
    func withdrawn() async {
        await opened()
        time.advance(by: .seconds(60))
        #expect(await breaker.admit() == .admitted(probe))
        await breaker.withdrawn(probe)
        await breaker.withdrawn(.normal)
        #expect(await breaker.admit() == .admitted(probe))
        #expect(await breaker.admit() == .refused(retryAfter: .seconds(1)))
    }
}
