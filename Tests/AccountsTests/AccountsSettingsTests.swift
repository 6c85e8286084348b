import Accounts
import Configuration
import Kernel
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

    @Test func anotherAlgorithmIsRefusedNotIgnored() {
        let (_, problems) = read(["JWT_ALGORITHM": "RS256"])
        #expect(problems.count == 1)
        #expect(problems.first?.contains("RS256") == true)
        #expect(read(["JWT_ALGORITHM": "HS256"]).1 == [])
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
