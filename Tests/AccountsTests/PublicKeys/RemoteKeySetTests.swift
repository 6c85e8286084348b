import Accounts
import HTTPClient
import Kernel
import Telemetry
import TestSupport
import Testing

/// An issuer that publishes its keys, against the real client over a real connection.
@Suite(.timeLimit(.minutes(5))) struct RemoteKeySetTests {
    private let time = ManualTime()
    private let issuer: IssuerServer
    private let verifier: TokenVerifier
    private let metrics = Metrics()

    init() throws {
        issuer = try IssuerServer(SigningKey.rsa.jwk("one"))
        let keys = TokenKeys(
            .published(url: issuer.url, lifetime: .seconds(3600)),
            client: HTTPClient(),
            time: time,
            log: .silent,
            metrics: metrics,
        )
        var policy = TokenPolicy()
        policy.algorithms = [.RS256]
        verifier = TokenVerifier(secrets: TokenSecrets(accepted: []), keys: keys, policy: policy, time: time)
    }

    private func result(_ key: SigningKey = .rsa, _ kid: String? = "one") async -> TokenError? {
        do {
            _ = try await verifier.verify(key.token(["sub": "ada"], kid: kid), isFromLoopback: false)
            return nil
        } catch {
            return error
        }
    }

    @Test func keysAreFetchedOnceAndServeForTheirLifetime() async {
        for _ in 0..<5 { #expect(await result() == nil) }
        #expect(issuer.fetches.count == 1)
        time.advance(by: .seconds(3599))
        #expect(await result() == nil)
        #expect(issuer.fetches.count == 1)
        time.advance(by: .seconds(1))
        #expect(await result() == nil)
        #expect(issuer.fetches.count == 2)
    }

    @Test("a thousand first tokens at once are one fetch")
    func singleFlight() async {
        let gate = Gate()
        issuer.hold(gate)
        await withTaskGroup(of: TokenError?.self) { group in
            for _ in 0..<1000 { group.addTask { await result() } }
            await issuer.fetches.until(1)
            gate.open()
            for await error in group { #expect(error == nil) }
        }
        #expect(issuer.fetches.count == 1)
    }

    @Test("the issuer rotates: the new key counts at once, the old one until it is gone")
    func rotation() async {
        #expect(await result() == nil)
        issuer.publish(SigningKey.rsa.jwk("one"), SigningKey.otherRSA.jwk("two"))
        time.advance(by: .seconds(60))
        #expect(await result(.otherRSA, "two") == nil)
        #expect(await result() == nil)
        #expect(issuer.fetches.count == 2)
        issuer.publish(SigningKey.otherRSA.jwk("two"))
        time.advance(by: .seconds(3600))
        #expect(await result(.otherRSA, "two") == nil)
        #expect(await result() == .signature)
        #expect(issuer.fetches.count == 3)
    }

    @Test("an unknown kid is fetched for once and never twice in a minute")
    func unknownKey() async {
        #expect(await result() == nil)
        time.advance(by: .seconds(59))
        #expect(await result(.otherRSA, "two") == .signature)
        #expect(issuer.fetches.count == 1)
        time.advance(by: .seconds(1))
        for _ in 0..<10 { #expect(await result(.otherRSA, "two") == .signature) }
        #expect(issuer.fetches.count == 2)
        time.advance(by: .milliseconds(59_999))
        #expect(await result(.otherRSA, "three") == .signature)
        #expect(issuer.fetches.count == 2)
    }

    @Test("a thousand unknown kids at once are one fetch, and those who know theirs do not wait")
    func unknownKeysAtOnce() async {
        #expect(await result() == nil)
        time.advance(by: .seconds(60))
        let gate = Gate()
        issuer.hold(gate)
        await withTaskGroup(of: TokenError?.self) { group in
            for index in 0..<1000 { group.addTask { await result(.otherRSA, "forged-\(index)") } }
            await issuer.fetches.until(2)
            #expect(await result() == nil)
            gate.open()
            for await error in group { #expect(error == .signature) }
        }
        #expect(issuer.fetches.count == 2)
    }

    @Test("while the issuer is away the last keys serve for a day, asked for once a minute")
    func issuerAway() async {
        #expect(await result() == nil)
        issuer.answer(500)
        time.advance(by: .seconds(3600))
        for _ in 0..<5 { #expect(await result() == nil) }
        #expect(issuer.fetches.count == 2)
        time.advance(by: .seconds(60))
        #expect(await result() == nil)
        #expect(issuer.fetches.count == 3)
        time.advance(by: .seconds(86_400 - 3660))
        #expect(await result() == .keysUnavailable(retryAfter: .seconds(5)))
        issuer.answer(200)
        time.advance(by: .seconds(60))
        #expect(await result() == nil)
    }

    @Test("with no keys at all nobody is let in, and the client learns that it is not the token")
    func neverAnyKeys() async {
        issuer.answer(503)
        #expect(await result() == .keysUnavailable(retryAfter: .seconds(5)))
        #expect(await result() == .keysUnavailable(retryAfter: .seconds(5)))
        #expect(issuer.fetches.count == 1)
        issuer.answer(200)
        time.advance(by: .seconds(5))
        #expect(await result() == nil)
        let error = AccountsError.badToken(.keysUnavailable(retryAfter: .seconds(5)))
        #expect(error.status == 503 && error.retryAfter == .seconds(5) && error.challenge == nil)
    }

    @Test(
        "an answer that is no key set changes nothing",
        arguments: ["<html>", "", "{}", String(repeating: " ", count: 300_000)],
    )
    func nonsense(body: String) async {
        #expect(await result() == nil)
        issuer.publish(text: body)
        time.advance(by: .seconds(3600))
        #expect(await result() == nil)
        #expect(issuer.fetches.count == 2)
        #expect(String(decoding: metrics.render(), as: UTF8.self).contains(#"jwks_fetches_total{result="failed"} 1"#))
    }

    @Test("an issuer that publishes no key any more trusts nobody")
    func withdrawn() async {
        #expect(await result() == nil)
        issuer.publish()
        time.advance(by: .seconds(3600))
        #expect(await result() == .signature)
    }

    @Test("a redirect is not followed: the keys come from where the operator said")
    func redirect() async {
        issuer.answer(302)
        #expect(await result() == .keysUnavailable(retryAfter: .seconds(5)))
    }
}
