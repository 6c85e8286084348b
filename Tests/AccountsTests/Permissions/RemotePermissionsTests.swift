import HTTPClient
import Kernel
import SharedState
import Telemetry
import TestSupport
import Testing

@testable import Accounts

/// The cache, the breaker and the client together, against a real server.
@Suite(.timeLimit(.minutes(5))) struct RemotePermissionsTests {
    private let time = ManualTime()
    private let metrics = Metrics()
    private let server: PermissionServer
    private let state: AbsentState
    private let ada = Principal(subject: "ada", organization: "acme")

    init() throws {
        server = try PermissionServer()
        state = AbsentState(MemorySharedState(time: time))
    }

    private func permissions(
        url: String? = nil,
        _ change: (inout PermissionSettings) -> Void = { _ in },
    ) throws -> RemotePermissions {
        var settings = PermissionSettings()
        settings.url = url ?? server.url
        change(&settings)
        let permissions = RemotePermissions(
            settings,
            client: HTTPClient(),
            state: state,
            time: time,
            log: .silent,
            metrics: metrics,
            chance: { 0 },
        )
        return try #require(permissions)
    }

    /// Opens the circuit with five users whose questions fail.
    private func open(_ permissions: RemotePermissions) async {
        server.answer(.status(500))
        for index in 0..<5 {
            let user = Principal(subject: "failing-\(index)", organization: "acme")
            await #expect(throws: AccountsError.authorizationUnavailable(retryAfter: .seconds(1))) {
                try await permissions.allows("image:upload", to: user)
            }
        }
        #expect(await permissions.status().circuit == "open")
    }

    @Test("the question is the original's: POST with organisation, user and permission")
    func question() async throws {
        #expect(try await permissions().allows("image:upload:group:cats", to: ada))
        #expect(
            server.questions.all
                == [["org_id": "acme", "user_id": "ada", "permission": "image:upload:group:cats"]]
        )
    }

    @Test("the service hears of the trace that the request belongs to")
    func trace() async throws {
        let exporter = SpanExporter(resource: [:], log: .silent, metrics: metrics, time: time) { _ in }
        let span = try #require(Tracer(exporter, ratio: 1, time: time).begin("request", kind: .server, parent: nil))
        let permissions = try permissions()
        _ = try await Span.$current.withValue(span) { try await permissions.allows("image:upload", to: ada) }
        let parent = try #require(server.traces.all.first.flatMap(TraceContext.init(traceparent:)))
        #expect(parent.traceID == span.context.traceID && parent.spanID != span.context.spanID)
        _ = try await permissions.allows("image:read", to: ada)
        #expect(server.traces.all.count == 1)
    }

    @Test func aUserWithoutOrganizationIsOfTheDefaultOne() async throws {
        _ = try await permissions().allows("image:upload", to: Principal(subject: "ada", organization: nil))
        #expect(server.questions.all.first?["org_id"] == "default-org")
    }

    @Test("the first question is asked, the next ones are answered from the cache")
    func hitAndMiss() async throws {
        let permissions = try permissions()
        for _ in 0..<5 { #expect(try await permissions.allows("image:upload", to: ada)) }
        #expect(server.calls.count == 1)
        let text = String(decoding: metrics.render(), as: UTF8.self)
        #expect(text.contains(#"authorization_checks_total{result="allowed"} 1"#))
        #expect(text.contains(#"authorization_checks_total{result="cached_allowed"} 4"#))
    }

    @Test func anAnswerIsAskedForAgainWhenItIsOld() async throws {
        let permissions = try permissions()
        #expect(try await permissions.allows("image:upload", to: ada))
        time.advance(by: .seconds(60))
        server.answer(.denied)
        #expect(try await !permissions.allows("image:upload", to: ada))
        #expect(server.calls.count == 2)
    }

    @Test func denialsAreKeptToo() async throws {
        server.answer(.denied)
        let permissions = try permissions()
        for _ in 0..<5 { #expect(try await !permissions.allows("image:upload", to: ada)) }
        #expect(server.calls.count == 1)
        #expect(await permissions.status().failures == 0)
    }

    @Test func withoutTheCacheEveryQuestionIsAsked() async throws {
        let permissions = try permissions { $0.isCacheEnabled = false }
        for _ in 0..<3 { #expect(try await permissions.allows("image:upload", to: ada)) }
        #expect(server.calls.count == 3)
    }

    @Test("a thousand misses at once are one call")
    func singleFlight() async throws {
        let permissions = try permissions()
        let gate = Gate()
        server.hold(gate)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<1000 { group.addTask { try await permissions.allows("image:upload", to: ada) } }
            await server.calls.until(1)
            gate.open()
            for try await isAllowed in group { #expect(isAllowed) }
        }
        #expect(server.calls.count == 1)
    }

    @Test("whoever began the call may leave, and the others get its answer")
    func leaving() async throws {
        let permissions = try permissions()
        let gate = Gate()
        server.hold(gate)
        let first = Task { try await permissions.allows("image:upload", to: ada) }
        await server.calls.until(1)
        async let second = permissions.allows("image:upload", to: ada)
        first.cancel()
        gate.open()
        #expect(try await second)
        #expect(server.calls.count == 1)
    }

    @Test(
        "errors of the service are no denial and no permission; five in a row open the circuit",
        arguments: [.status(500), .status(404), .status(401), .status(302), .status(200, body: "<html>")]
            as [PermissionServer.Reply],
    )
    func failures(reply: PermissionServer.Reply) async throws {
        let permissions = try permissions()
        server.answer(reply)
        for _ in 0..<5 {
            await #expect(throws: AccountsError.self) { try await permissions.allows("image:upload", to: ada) }
        }
        #expect(server.calls.count == 5)
        await #expect(throws: AccountsError.authorizationUnavailable(retryAfter: .seconds(60))) {
            try await permissions.allows("image:upload", to: ada)
        }
        #expect(server.calls.count == 5)
    }

    @Test func aServiceThatNeverAnswersIsAFailure() async throws {
        let permissions = try permissions {
            $0.timeout = .milliseconds(100)
            $0.breakerThreshold = 1
        }
        server.answer(.silence)
        await #expect(throws: AccountsError.self) { try await permissions.allows("image:upload", to: ada) }
        #expect(await permissions.status().circuit == "open")
    }

    @Test func aServiceThatIsNotThereIsAFailure() async throws {
        let permissions = try permissions(url: "http://127.0.0.1:1") { $0.breakerThreshold = 1 }
        await #expect(throws: AccountsError.self) { try await permissions.allows("image:upload", to: ada) }
        #expect(await permissions.status().circuit == "open")
    }

    @Test("an open circuit answers 503 in the original's words, and from the cache as long as that knows")
    func failClosed() async throws {
        let permissions = try permissions()
        #expect(try await permissions.allows("image:read", to: ada))
        await open(permissions)
        let calls = server.calls.count
        #expect(try await permissions.allows("image:read", to: ada))
        var thrown: AccountsError?
        do { _ = try await permissions.allows("image:upload", to: ada) } catch { thrown = error as? AccountsError }
        #expect(thrown?.status == 503)
        #expect(thrown?.message == "Authorization service temporarily unavailable")
        #expect(thrown?.retryAfter == .seconds(60))
        #expect(server.calls.count == calls)
    }

    @Test("told to fail open, it allows what it cannot ask and keeps no such answer")
    func failOpen() async throws {
        let permissions = try permissions { $0.failsOpen = true }
        server.answer(.status(500))
        for _ in 0..<6 { #expect(try await permissions.allows("image:upload", to: ada)) }
        #expect(server.calls.count == 5)
        server.answer(.denied)
        time.advance(by: .seconds(60))
        #expect(try await !permissions.allows("image:upload", to: ada))
    }

    @Test("a hundred in the half-open circuit are one call, whatever they ask")
    func oneProbe() async throws {
        let permissions = try permissions()
        await open(permissions)
        time.advance(by: .seconds(60))
        server.answer(.allowed)
        let calls = server.calls.count
        let gate = Gate()
        server.hold(gate)
        let allowed = try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<100 {
                group.addTask {
                    let user = Principal(subject: "user-\(index)", organization: "acme")
                    return (try? await permissions.allows("image:upload", to: user)) ?? false
                }
            }
            await server.calls.until(calls + 1)
            // Everybody but the probe has been refused before the probe's answer.
            var refused = 0
            while refused < 99, let isAllowed = try await group.next() {
                #expect(!isAllowed)
                refused += 1
            }
            gate.open()
            return try await group.next()
        }
        #expect(allowed == true)
        #expect(server.calls.count == calls + 1)
        #expect(await permissions.status().circuit == "closed")
        #expect(try await permissions.allows("image:upload", to: ada))
    }

    @Test func aFailedProbeOpensTheCircuitAnew() async throws {
        let permissions = try permissions()
        await open(permissions)
        time.advance(by: .seconds(60))
        await #expect(throws: AccountsError.self) { try await permissions.allows("image:upload", to: ada) }
        await #expect(throws: AccountsError.authorizationUnavailable(retryAfter: .seconds(60))) {
            try await permissions.allows("image:upload", to: ada)
        }
    }

    @Test func organizationsAreApart() async throws {
        let permissions = try permissions()
        server.answer { $0["org_id"] == "acme" ? .allowed : .denied }
        #expect(try await permissions.allows("image:upload", to: ada))
        #expect(try await !permissions.allows("image:upload", to: Principal(subject: "ada", organization: "other")))
        #expect(try await permissions.allows("image:upload", to: ada))
        #expect(server.calls.count == 2)
    }

    @Test("reading is believed longest, deleting shortest")
    func lifetimes() async throws {
        let permissions = try permissions()
        let all = ["image:read", "image:upload", "image:delete"]
        func calls(after seconds: Int) async throws -> Int {
            time.advance(by: .seconds(seconds))
            let before = server.calls.count
            for permission in all { _ = try await permissions.allows(permission, to: ada) }
            return server.calls.count - before
        }
        #expect(try await calls(after: 0) == 3)
        #expect(try await calls(after: 29) == 0)
        #expect(try await calls(after: 1) == 1)
        #expect(try await calls(after: 30) == 2)
    }

    @Test func whatIsForgottenIsAskedAgain() async throws {
        let permissions = try permissions()
        #expect(try await permissions.allows("image:upload", to: ada))
        #expect(await permissions.forget(organization: "acme", subject: "ada") == 1)
        server.answer(.denied)
        #expect(try await !permissions.allows("image:upload", to: ada))
    }

    @Test("an API key has its scopes and is never asked for")
    func keys() async throws {
        let key = Principal(subject: "ada", organization: "acme", proof: .apiKey(ID()))
        #expect(try await !permissions().allows("image:upload", to: key))
        #expect(server.calls.count == 0)
    }

    @Test("processes share answers and the circuit")
    func shared() async throws {
        let (one, other) = (try permissions(), try permissions())
        #expect(try await one.allows("image:upload", to: ada))
        #expect(try await other.allows("image:upload", to: ada))
        #expect(server.calls.count == 1)
        await open(one)
        #expect(await other.status().circuit == "open")
    }

    @Test("while the shared state is away every question is asked, and the health says so")
    func stateAway() async throws {
        let permissions = try permissions()
        #expect(await permissions.status().isCacheReachable)
        state.isAway.value = true
        for _ in 0..<3 { #expect(try await permissions.allows("image:upload", to: ada)) }
        #expect(server.calls.count == 3)
        #expect(await !permissions.status().isCacheReachable)
    }

    @Test(
        "an answer that says allowed in its body is an answer",
        arguments: [
            (#"{"allowed": true}"#, true), (#"{"allowed": false}"#, false), ("{}", true), ("", true),
            (#"{"allowed": true, "reason": null, "groups": ["cats"]}"#, true),
        ],
    )
    func bodies(body: String, isAllowed: Bool) async throws {
        server.answer(.status(200, body: body))
        #expect(try await permissions().allows("image:upload", to: ada) == isAllowed)
    }

    @Test func withoutAServiceThereIsNothingToAsk() {
        let permissions = RemotePermissions(
            PermissionSettings(),
            client: HTTPClient(),
            state: state,
            time: time,
            log: .silent,
            metrics: metrics,
        )
        #expect(permissions == nil)
    }
}
