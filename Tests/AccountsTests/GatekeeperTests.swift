import Accounts
import Database
import Kernel
import Telemetry
import TestSupport
import Testing

@Suite struct GatekeeperTests {
    let test: TestDatabase
    var database: any Database { test.database }
    let time = ManualTime()
    let keys: APIKeyStore
    let gatekeeper: Gatekeeper

    init() async throws {
        test = try await DatabaseBackend.ofModules.make()
        try await migrate(test.database, accountsMigrations)
        keys = APIKeyStore(test.database, time: time)
        let secrets = TokenSecrets(
            accepted: [Secret(ForgedToken.secret)],
            acceptedOnLoopback: [Secret(ForgedToken.otherSecret)],
        )
        gatekeeper = Gatekeeper(
            tokens: TokenVerifier(secrets: secrets, time: time),
            keys: keys,
            localVisit: LocalVisit(isAllowed: true),
        )
    }

    private let far = LocalVisit.Facts(isPeerLoopback: false, host: "pictures.example")
    private let near = LocalVisit.Facts(isPeerLoopback: true, host: "127.0.0.1")

    private func admit(
        _ authorization: String? = nil,
        key: String? = nil,
        from visit: LocalVisit.Facts,
    ) async throws -> Principal? {
        try await gatekeeper.admit(.init(authorization: authorization, apiKey: key, visit: visit))
    }

    @Test func whoeverShowsNothingIsAnonymous() async throws {
        #expect(try await admit(from: far) == nil)
        #expect(try await admit(from: near)?.proof == .localVisit)
    }

    @Test("a bearer token counts, whatever the case of the scheme", arguments: ["Bearer ", "bearer ", "BEARER   "])
    func bearer(scheme: String) async throws {
        let token = ForgedToken.make(["sub": "ada"])
        #expect(try await admit(scheme + token, from: far)?.subject == "ada")
    }

    @Test(
        "who shows something else than a bearer token is refused, on this machine too",
        arguments: [
            "Basic YTpi", "Bearer", "Bearer ", "", "Digest x",
        ],
    )
    func otherScheme(header: String) async {
        await #expect(throws: AccountsError.unsupportedScheme) { try await admit(header, from: far) }
        await #expect(throws: AccountsError.unsupportedScheme) { try await admit(header, from: near) }
    }

    @Test func anExpiredTokenIsRefusedAndNotTurnedIntoALocalVisit() async {
        let token = ForgedToken.make(["sub": "ada", "exp": 1])
        await #expect(throws: AccountsError.badToken(.expired)) { try await admit("Bearer " + token, from: near) }
    }

    @Test func aDevelopmentTokenWorksFromThisMachineOnlyAndNotThroughAProxy() async throws {
        let token = "Bearer " + ForgedToken.make(["sub": "ada"], secret: ForgedToken.otherSecret)
        #expect(try await admit(token, from: near)?.subject == "ada")
        await #expect(throws: AccountsError.badToken(.signature)) { try await admit(token, from: far) }
        let proxied = LocalVisit.Facts(isPeerLoopback: true, host: "127.0.0.1", isForwarded: true)
        await #expect(throws: AccountsError.badToken(.signature)) { try await admit(token, from: proxied) }
    }

    @Test func anAPIKeyCountsInBothHeaders() async throws {
        let new = try await keys.create(name: "a", owner: "ada", scopes: ["image:upload"])
        #expect(try await admit(key: new.text.reveal(), from: far) == new.key.principal)
        #expect(try await admit("Bearer " + new.text.reveal(), from: far) == new.key.principal)
    }

    @Test func aBadAPIKeyIsRefusedOnThisMachineToo() async {
        await #expect(throws: AccountsError.badAPIKey) { try await admit(key: "pk_x", from: near) }
        await #expect(throws: AccountsError.badAPIKey) { try await admit(key: "", from: near) }
        await #expect(throws: AccountsError.badAPIKey) { try await admit("Bearer pk_x", from: near) }
    }

    @Test func theAuthorizationHeaderCountsFirst() async throws {
        let new = try await keys.create(name: "a", owner: "bob", scopes: [])
        let token = ForgedToken.make(["sub": "ada"])
        #expect(try await admit("Bearer " + token, key: new.text.reveal(), from: far)?.subject == "ada")
        await #expect(throws: AccountsError.badToken(.malformed)) {
            try await admit("Bearer x", key: new.text.reveal(), from: far)
        }
    }

    @Test("every refusal answers 401 with a challenge that a header can carry")
    func challenges() {
        let refusals: [AccountsError] = [
            .notSignedIn, .unsupportedScheme, .badAPIKey, .expiredAPIKey,
            .badToken(.expired), .badToken(.claim("sub")), .badToken(.algorithm),
        ]
        for refusal in refusals {
            #expect(refusal.status == 401)
            #expect(refusal.challenge?.hasPrefix("Bearer realm=\"pictor\"") == true)
            #expect(refusal.challenge?.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } == true)
            #expect(refusal.isPermanent)
        }
        #expect(AccountsError.notSignedIn.challenge?.contains("error") == false)
        #expect(AccountsError.badToken(.expired).challenge?.contains("error=\"invalid_token\"") == true)
        #expect(AccountsError.missingPermission("image:delete").status == 403)
        #expect(AccountsError.missingPermission("image:delete").message == "Permission denied: image:delete")
    }
}
