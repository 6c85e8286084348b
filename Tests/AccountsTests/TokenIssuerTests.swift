import Accounts
import Kernel
import TestSupport
import Testing

@Suite struct TokenIssuerTests {
    let time = ManualTime()

    @Test(
        "what is issued is what is read",
        arguments: [
            Principal(subject: "ada"),
            Principal(
                subject: "ada",
                organization: "engines",
                email: "a@b.c",
                name: "Ada",
                permissions: ["b", "a"],
                roles: ["admin"],
                groups: ["x", "y"],
            ),
            Principal(subject: "Käthe \"quote\" \\"),
        ],
    )
    func roundTrip(principal: Principal) async throws {
        var policy = TokenPolicy()
        policy.issuer = "pictor"
        policy.audiences = ["pictures"]
        policy.requiresAudience = true
        policy.requiresExpiry = true
        let secrets = TokenSecrets(accepted: [Secret(ForgedToken.secret)])
        let issuer = try #require(TokenIssuer(secrets: secrets, policy: policy, time: time))
        let token = issuer.issue(principal, lifetime: .seconds(3600))
        let verifier = TokenVerifier(secrets: secrets, policy: policy, time: time)
        #expect(try await verifier.verify(token, isFromLoopback: false) == principal)
        time.advance(by: .seconds(3630))
        await #expect(throws: TokenError.expired) { try await verifier.verify(token, isFromLoopback: false) }
    }

    @Test("the token is byte for byte what the standard says for these claims")
    func bytes() async throws {
        let issuer = try #require(
            TokenIssuer(secrets: TokenSecrets(accepted: [Secret(ForgedToken.secret)]), time: time)
        )
        let token = issuer.issue(Principal(subject: "ada", roles: ["user"]), lifetime: .seconds(60))
        let claims: JSON = [
            "sub": "ada", "org_id": "default-org", "roles": ["user"], "iat": 1_767_225_600, "exp": 1_767_225_660,
        ]
        #expect(token == ForgedToken.make(claims))
    }

    @Test("the current secret signs, not the one that it replaces")
    func currentSecretSigns() async throws {
        let secrets = TokenSecrets(accepted: [Secret(ForgedToken.secret), Secret(ForgedToken.otherSecret)])
        let token = try #require(TokenIssuer(secrets: secrets, time: time)).issue(
            Principal(subject: "a"),
            lifetime: nil,
        )
        let onlyCurrent = TokenSecrets(accepted: [Secret(ForgedToken.secret)])
        await #expect(throws: Never.self) {
            try await TokenVerifier(secrets: onlyCurrent, time: time).verify(token, isFromLoopback: false)
        }
    }

    @Test func withoutASecretThereIsNoIssuer() {
        #expect(TokenIssuer(secrets: TokenSecrets(accepted: []), time: time) == nil)
    }
}
