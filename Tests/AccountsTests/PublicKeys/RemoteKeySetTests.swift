import Accounts
import HTTPClient
import HTTPServer
import Kernel
import Telemetry
import TestSupport
import Testing

/// An issuer that publishes its keys, against the real client over a real connection.
@Suite(.timeLimit(.minutes(2))) struct RemoteKeySetTests {
    private struct Published: Sendable {
        var body: String
        var status = 200
    }

    private let time = ManualTime()
    private let fetches = Tally()
    private let gate = Box<Gate?>(nil)
    private let published: Box<Published>
    private let issuer: LocalServer
    private let verifier: TokenVerifier
    private let metrics = Metrics()

    init() throws {
        let (fetches, gate, published) = (fetches, gate, Box(Published(body: Self.set(SigningKey.rsa.jwk("one")))))
        self.published = published
        issuer = try LocalServer { router in
            router.get("/.well-known/jwks.json") { _ in
                fetches.add()
                await gate.value?.pass()
                return .text(published.value.body, status: published.value.status)
            }
        }
        let keys = TokenKeys(
            .published(url: issuer.url + "/.well-known/jwks.json", lifetime: .seconds(3600)),
            client: HTTPClient(),
            time: time,
            log: .silent,
            metrics: metrics,
        )
        var policy = TokenPolicy()
        policy.algorithms = [.RS256]
        verifier = TokenVerifier(secrets: TokenSecrets(accepted: []), keys: keys, policy: policy, time: time)
    }

    private static func set(_ keys: JSON...) -> String { (["keys": .array(keys)] as JSON).text }

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
        #expect(fetches.count == 1)
        time.advance(by: .seconds(3599))
        #expect(await result() == nil)
        #expect(fetches.count == 1)
        time.advance(by: .seconds(1))
        #expect(await result() == nil)
        #expect(fetches.count == 2)
    }

    @Test("a thousand first tokens at once are one fetch")
    func singleFlight() async {
        let gate = Gate()
        self.gate.value = gate
        await withTaskGroup(of: TokenError?.self) { group in
            for _ in 0..<1000 { group.addTask { await result() } }
            await fetches.until(1)
            gate.open()
            for await error in group { #expect(error == nil) }
        }
        #expect(fetches.count == 1)
    }

    @Test("the issuer rotates: the new key counts at once, the old one until it is gone")
    func rotation() async {
        #expect(await result() == nil)
        published.value.body = Self.set(SigningKey.rsa.jwk("one"), SigningKey.otherRSA.jwk("two"))
        time.advance(by: .seconds(60))
        #expect(await result(.otherRSA, "two") == nil)
        #expect(await result() == nil)
        #expect(fetches.count == 2)
        published.value.body = Self.set(SigningKey.otherRSA.jwk("two"))
        time.advance(by: .seconds(3600))
        #expect(await result(.otherRSA, "two") == nil)
        #expect(await result() == .signature)
        #expect(fetches.count == 3)
    }

    @Test("an unknown kid is fetched for once and never twice in a minute")
    func unknownKey() async {
        #expect(await result() == nil)
        time.advance(by: .seconds(59))
        #expect(await result(.otherRSA, "two") == .signature)
        #expect(fetches.count == 1)
        time.advance(by: .seconds(1))
        for _ in 0..<10 { #expect(await result(.otherRSA, "two") == .signature) }
        #expect(fetches.count == 2)
        time.advance(by: .milliseconds(59_999))
        #expect(await result(.otherRSA, "three") == .signature)
        #expect(fetches.count == 2)
    }

    @Test("a thousand unknown kids at once are one fetch, and those who know theirs do not wait")
    func unknownKeysAtOnce() async {
        #expect(await result() == nil)
        time.advance(by: .seconds(60))
        let gate = Gate()
        self.gate.value = gate
        await withTaskGroup(of: TokenError?.self) { group in
            for index in 0..<1000 { group.addTask { await result(.otherRSA, "forged-\(index)") } }
            await fetches.until(2)
            #expect(await result() == nil)
            gate.open()
            for await error in group { #expect(error == .signature) }
        }
        #expect(fetches.count == 2)
    }

    @Test("while the issuer is away the last keys serve for a day, asked for once a minute")
    func issuerAway() async {
        #expect(await result() == nil)
        published.value.status = 500
        time.advance(by: .seconds(3600))
        for _ in 0..<5 { #expect(await result() == nil) }
        #expect(fetches.count == 2)
        time.advance(by: .seconds(60))
        #expect(await result() == nil)
        #expect(fetches.count == 3)
        time.advance(by: .seconds(86_400 - 3660))
        #expect(await result() == .keysUnavailable(retryAfter: .seconds(5)))
        published.value.status = 200
        time.advance(by: .seconds(60))
        #expect(await result() == nil)
    }

    @Test("with no keys at all nobody is let in, and the client learns that it is not the token")
    func neverAnyKeys() async {
        published.value.status = 503
        #expect(await result() == .keysUnavailable(retryAfter: .seconds(5)))
        #expect(await result() == .keysUnavailable(retryAfter: .seconds(5)))
        #expect(fetches.count == 1)
        published.value.status = 200
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
        published.value.body = body
        time.advance(by: .seconds(3600))
        #expect(await result() == nil)
        #expect(fetches.count == 2)
        #expect(String(decoding: metrics.render(), as: UTF8.self).contains(#"jwks_fetches_total{result="failed"} 1"#))
    }

    @Test("an issuer that publishes no key any more trusts nobody")
    func withdrawn() async {
        #expect(await result() == nil)
        published.value.body = Self.set()
        time.advance(by: .seconds(3600))
        #expect(await result() == .signature)
    }

    @Test("a redirect is not followed: the keys come from where the operator said")
    func redirect() async {
        published.value.status = 302
        #expect(await result() == .keysUnavailable(retryAfter: .seconds(5)))
    }
}
