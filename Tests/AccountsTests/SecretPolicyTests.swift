import Accounts
import Configuration
import Kernel
import Testing

@Suite struct SecretPolicyTests {
    private static let good = "4f1d0c9b8a7e6f5d4c3b2a1908172635"
    private static let good2 = "Zr1Z9CAowAyM1SysPpbyDfgZld3umj1q"
    private static let wellKnown = "dev-secret-change-in-production"

    private func decide(
        _ mode: RunMode,
        _ current: String?,
        _ previous: String? = nil,
        host: String?,
    ) -> (accepted: [String], onLoopback: [String], signing: String?, problems: [String]) {
        let decision = SecretPolicy.decide(
            mode: mode,
            current: current.map { Secret($0) },
            previous: previous.map { Secret($0) },
            host: host,
        )
        switch decision {
        case .use(let secrets):
            return (
                secrets.accepted.map { $0.reveal() }, secrets.acceptedOnLoopback.map { $0.reveal() },
                secrets.signing?.reveal(), [],
            )
        case .refuse(let problems): return ([], [], nil, problems)
        }
    }

    static let weak = [
        wellKnown, "short", "0123456789abcdef0123456789abcde", String(repeating: "a", count: 64),
        "CHANGE-me-0123456789abcdef0123456789", "your-secret-0123456789abcdef01234567",
        "change-this-in-production-min-32-characters-long",
    ]

    @Test(
        "production refuses a secret that can be guessed, on every address",
        arguments: weak,
        ["127.0.0.1", "0.0.0.0"],
    )
    func productionRefuses(secret: String, host: String) {
        let problems = decide(.production, secret, host: host).problems
        #expect(problems.count == 1)
        #expect(problems.first?.contains("production mode") == true)
        #expect(problems.first?.contains("openssl rand -hex 32") == true)
        #expect(problems.first?.contains(secret) == false, "a problem never tells the secret")
    }

    @Test("development refuses a guessable secret where others can knock", arguments: weak)
    func developmentOnTheNetworkRefuses(secret: String) {
        #expect(decide(.development, secret, host: "0.0.0.0").problems.count == 1)
    }

    @Test("a guessable secret of development is good for this machine only", arguments: weak)
    func developmentOnLoopback(secret: String) {
        let decision = decide(.development, secret, host: "127.0.0.1")
        #expect(decision.accepted == [])
        #expect(decision.onLoopback == [secret])
        #expect(decision.signing == secret)
    }

    @Test("without a secret, development works on loopback and nowhere else")
    func noSecret() {
        let decision = decide(.development, nil, host: "127.0.0.1")
        #expect(decision.accepted == [])
        #expect(decision.onLoopback == [Self.wellKnown])
        #expect(decision.signing == Self.wellKnown)
        for host in ["0.0.0.0", "::", "192.168.1.5", "pictures.example"] {
            let problems = decide(.development, nil, host: host).problems
            #expect(problems.count == 1)
            #expect(problems.first?.contains(host) == true)
            #expect(problems.first?.hasPrefix("accounts.jwt_secret is not set") == true)
        }
        #expect(decide(.production, nil, host: "127.0.0.1").problems.count == 1)
    }

    @Test("a real secret is accepted from anywhere and shuts out the well-known ones", arguments: RunMode.allCases)
    func realSecret(mode: RunMode) {
        for host in ["127.0.0.1", "0.0.0.0", nil] {
            let decision = decide(mode, Self.good, Self.good2, host: host)
            #expect(decision.accepted == [Self.good, Self.good2])
            #expect(decision.onLoopback == [])
            #expect(decision.signing == Self.good)
        }
    }

    @Test func theReplacedSecretIsHeldToTheSameRule() {
        #expect(decide(.production, Self.good, Self.wellKnown, host: "127.0.0.1").problems.count == 1)
        #expect(decide(.production, nil, Self.good, host: "127.0.0.1").problems.count == 1)
        let development = decide(.development, Self.wellKnown, Self.good, host: "127.0.0.1")
        #expect(development.accepted == [Self.good])
        #expect(development.signing == Self.wellKnown, "the current one signs, also when it is weak")
    }

    @Test(
        "loopback by name and number",
        arguments: ["127.0.0.1", "127.8.9.10", "::1", "[::1]", "localhost", "LOCALHOST"],
    )
    func loopback(host: String) { #expect(SecretPolicy.isLoopbackHost(host)) }

    @Test(
        "not loopback, however it looks",
        arguments: [
            "0.0.0.0", "::", "", "127.0.0.1.evil.example", "localhost.evil.example", "128.0.0.1", "127.1",
            "127.0.0.256",
            "1.127.0.0.1", "127.0.0.-1", "::ffff:10.0.0.1",
        ],
    )
    func notLoopback(host: String) { #expect(!SecretPolicy.isLoopbackHost(host)) }
}
