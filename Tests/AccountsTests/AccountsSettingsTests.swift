import Accounts
import Configuration
import Foundation
import Kernel
import TestSupport
import Testing

@Suite struct AccountsSettingsTests {
    private func read(
        _ environment: [String: String],
        mode: RunMode? = nil,
        host: String? = "127.0.0.1",
    ) -> (AccountsSettings, [String]) {
        let reader = SettingsReader(SettingsLayers(environment: environment))
        let settings = AccountsSettings(reader, mode: mode ?? RunMode(reader), host: host)
        return (settings, reader.problems.map(\.sentence))
    }

    @Test func aNewcomerNeedsNothing() {
        let (settings, problems) = read([:])
        #expect(problems == [])
        #expect(settings.isLocalVisitAllowed)
        #expect(settings.secrets.accepted.isEmpty)
        #expect(settings.secrets.acceptedOnLoopback.count == 1)
        #expect(!settings.tokens.requiresAudience)
        #expect(settings.tokens.leeway == .seconds(30))
    }

    @Test(
        "whatever is not clearly development is production",
        arguments: [
            ("development", true), ("dev", true), ("test", true), ("Local", true), ("production", false),
            ("prod", false),
            ("staging", false), ("developmnt", false),
        ],
    )
    func environmentAlias(name: String, isDevelopment: Bool) {
        let reader = SettingsReader(SettingsLayers(environment: ["ENVIRONMENT": name]))
        #expect(RunMode(reader) == (isDevelopment ? .development : .production))
        #expect(reader.problems == [])
    }

    @Test func theOwnNameOfTheModeIsStrict() {
        let reader = SettingsReader(SettingsLayers(environment: ["PICTOR_MODE": "staging"]))
        _ = RunMode(reader)
        #expect(reader.problems.count == 1)
    }

    @Test(
        "production without a real secret is a problem that names the setting",
        arguments: [
            [:], ["JWT_SECRET_KEY": "dev-secret-change-in-production"], ["PICTOR_ACCOUNTS_JWT_SECRET": "hush-hush"],
        ],
    )
    func production(environment: [String: String]) {
        let (settings, problems) = read(environment, mode: .production)
        #expect(problems.count == 1)
        #expect(problems.first?.contains("accounts.jwt_secret") == true)
        #expect(problems.first?.contains("hush-hush") == false)
        #expect(settings.secrets.signing == nil)
        #expect(!settings.isLocalVisitAllowed)
    }

    @Test func anAlgorithmThatCannotBeCheckedIsRefusedNotIgnored() {
        let (_, problems) = read(["JWT_ALGORITHM": "RS256"])
        #expect(problems.count == 1)
        #expect(problems.first?.contains("RS256") == true)
        #expect(read(["JWT_ALGORITHM": "HS256"]).1 == [])
        for name in ["none", "HS512", "PS256", ""] {
            #expect(read(["PICTOR_ACCOUNTS_JWT_ALGORITHM": name]).0.tokens.algorithms == [.HS256])
        }
        #expect(read(["JWT_ALGORITHM": "none"]).1.count == 1)
    }

    @Test("an issuer's URL brings its algorithm, and the well-known secret no longer counts")
    func publishedKeys() {
        let (settings, problems) = read([
            "JWT_ALGORITHM": "rs256", "AUTH_API_JWKS_URL": "http://auth-api:8000/.well-known/jwks.json",
            "JWKS_CACHE_TTL": "120", "AUTH_API_AUDIENCE": "image-api", "AUTH_API_ISSUER_URL": "http://auth-api:8000",
        ])
        #expect(problems == [])
        #expect(settings.tokens.algorithms == [.RS256])
        #expect(settings.tokens.audiences == ["image-api"] && settings.tokens.issuer == "http://auth-api:8000")
        #expect(settings.secrets.accepted.isEmpty && settings.secrets.acceptedOnLoopback.isEmpty)
        guard case .published(let url, let lifetime) = settings.keys else {
            Issue.record("no published keys")
            return
        }
        #expect(url == "http://auth-api:8000/.well-known/jwks.json" && lifetime == .seconds(120))
    }

    @Test("production with public keys needs no secret, and a weak one derives nothing")
    func productionWithKeys() {
        let environment = ["JWT_ALGORITHM": "EdDSA", "JWKS_URL": "https://login.example/jwks"]
        #expect(read(environment, mode: .production).1 == [])
        let weak = read(environment.merging(["JWT_SECRET_KEY": "change-this-in-production"]) { $1 }, mode: .production)
        #expect(weak.1 == [] && weak.0.serverSecret == nil && weak.0.secrets.signing == nil)
        let good = read(environment.merging(["JWT_SECRET_KEY": ForgedToken.secret]) { $1 }, mode: .production)
        #expect(good.0.serverSecret != nil && good.0.secrets.signing == nil)
    }

    @Test("secret and keys together while one replaces the other")
    func both() {
        let (settings, problems) = read([
            "PICTOR_ACCOUNTS_JWT_ALGORITHM": "HS256,EdDSA", "JWKS_URL": "https://login.example/jwks",
            "JWT_SECRET_KEY": ForgedToken.secret,
        ])
        #expect(problems == [])
        #expect(settings.tokens.algorithms == [.HS256, .EdDSA])
        #expect(settings.secrets.accepted.count == 1)
    }

    @Test("keys that nothing uses, or that are no address, stop the start")
    func uselessKeys() {
        #expect(read(["JWKS_URL": "https://login.example/jwks"]).1.count == 1)
        for url in [
            "login.example/jwks", "ftp://x/y", "https://user:pw@login.example/jwks", "https:///jwks", "https://x/?a",
        ] {
            #expect(!read(["JWKS_URL": url, "JWT_ALGORITHM": "RS256"]).1.isEmpty, "\(url)")
        }
    }

    @Test func keysFromAFile() throws {
        let folder = try TemporaryFolder()
        let (pem, set, weak) = ("\(folder.path)/key.pem", "\(folder.path)/keys.json", "\(folder.path)/weak.pem")
        try SigningKey.rsa.pem.write(toFile: pem, atomically: true, encoding: .utf8)
        try (["keys": [SigningKey.rsa.jwk("a")]] as JSON).text.write(toFile: set, atomically: true, encoding: .utf8)
        try SigningKey(rsaBits: 1024).pem.write(toFile: weak, atomically: true, encoding: .utf8)
        for path in [pem, set] {
            let (settings, problems) = read(["JWT_ALGORITHM": "RS256", "PICTOR_ACCOUNTS_JWT_KEYS_FILE": path])
            #expect(problems == [])
            guard case .fixed(let keys) = settings.keys else {
                Issue.record("no keys of \(path)")
                continue
            }
            #expect(!keys.isEmpty)
        }
        let (_, problems) = read(["JWT_ALGORITHM": "RS256", "JWT_PUBLIC_KEY_FILE": weak])
        #expect(problems.contains { $0.contains("1024 bits") })
        #expect(
            read(["JWT_ALGORITHM": "RS256", "JWT_PUBLIC_KEY_FILE": "/nowhere"]).1.contains { $0.contains("/nowhere") }
        )
        let both = ["JWT_ALGORITHM": "RS256", "JWT_PUBLIC_KEY_FILE": pem, "JWKS_URL": "https://login.example/jwks"]
        #expect(read(both).1.count == 1)
    }

    @Test("the permission service has the original's names and defaults")
    func permissions() {
        let standard = read([:]).0.permissions
        #expect(standard.url == nil && !standard.failsOpen && standard.isCacheEnabled)
        #expect(standard.timeout == .seconds(5) && standard.breakerThreshold == 5)
        #expect(standard.breakerTimeout == .seconds(60))
        let (settings, problems) = read([
            "AUTH_API_URL": "http://auth-api:8000", "AUTH_API_TIMEOUT": "2", "AUTH_CACHE_ENABLED": "false",
            "AUTH_FAIL_OPEN": "true", "CIRCUIT_BREAKER_THRESHOLD": "3", "CIRCUIT_BREAKER_TIMEOUT": "10",
            "AUTH_CACHE_TTL_READ": "1", "AUTH_CACHE_TTL_WRITE": "2", "AUTH_CACHE_TTL_ADMIN": "3",
            "AUTH_CACHE_TTL_DENIED": "4",
        ])
        #expect(problems == [])
        let permissions = settings.permissions
        #expect(permissions.url == "http://auth-api:8000" && permissions.timeout == .seconds(2))
        #expect(!permissions.isCacheEnabled && permissions.failsOpen)
        #expect(permissions.breakerThreshold == 3 && permissions.breakerTimeout == .seconds(10))
        let seconds = [\PermissionLifetimes.read, \.write, \.admin, \.denied].map { permissions.lifetimes[keyPath: $0] }
        #expect(seconds == [.seconds(1), .seconds(2), .seconds(3), .seconds(4)])
    }

    @Test func policy() {
        let (settings, problems) = read([
            "PICTOR_ACCOUNTS_JWT_AUDIENCE": "a,b", "JWT_ISSUER": "https://login.example",
            "PICTOR_ACCOUNTS_JWT_LEEWAY": "5s", "PICTOR_ACCOUNTS_JWT_REQUIRE_EXPIRY": "yes",
            "PICTOR_ACCOUNTS_LOCAL_VISIT": "no",
        ])
        #expect(problems == [])
        #expect(settings.tokens.audiences == ["a", "b"])
        #expect(settings.tokens.requiresAudience)
        #expect(settings.tokens.issuer == "https://login.example")
        #expect(settings.tokens.requiresExpiry)
        #expect(settings.tokens.leeway == .seconds(5))
        #expect(!settings.isLocalVisitAllowed)
    }
}
