import Kernel
import TestSupport
import Testing

/// The program with tokens of an issuer whose public keys it fetches.
@Suite(.timeLimit(.minutes(5)))
struct IssuedTokenTests {
    private func claims(_ more: JSON = [:]) -> JSON {
        let now = Timestamp.now().milliseconds / 1000
        return (["sub": "ada", "aud": "image-api", "iss": "http://auth-api", "exp": .integer(now + 600)] as JSON)
            .merging(more)
    }

    @Test("RS256 and EdDSA with the original's settings, in production and without a secret")
    func issuedTokens() async throws {
        let ed25519 = SigningKey.ed25519()
        let issuer = try IssuerServer(SigningKey.rsa.jwk("one"), ed25519.jwk("two"))
        let server = try await RunningServer(environment: [
            "ENVIRONMENT": "production", "JWT_SECRET_KEY": nil, "JWT_ALGORITHM": "RS256,EdDSA",
            "AUTH_API_JWKS_URL": issuer.url, "AUTH_API_ISSUER_URL": "http://auth-api", "AUTH_API_AUDIENCE": "image-api",
        ])
        func upload(_ token: String) async throws -> Answer {
            try await Client(server, token: token).upload(fixture("photo.jpg"), bucket: "users/ada/")
        }
        for (key, kid) in [(SigningKey.rsa, "one"), (ed25519, "two")] {
            #expect(try await upload(key.token(claims(), kid: kid)).status == 202)
        }
        let secret = Client.token(sub: "ada", claims: ["aud": "image-api", "iss": "http://auth-api"])
        let refused: [(String, String)] = [
            (SigningKey.otherRSA.token(claims(), kid: "one"), "token_signature"),
            (SigningKey.rsa.token(claims(), kid: "one", header: ["alg": "none"]), "token_algorithm"),
            (SigningKey.rsa.token(claims(["aud": "billing"]), kid: "one"), "token_audience"),
            (SigningKey.rsa.token(claims(["iss": "http://evil"]), kid: "one"), "token_issuer"),
            (SigningKey.rsa.token(claims(["exp": 1]), kid: "one"), "token_expired"),
            (SigningKey.otherRSA.token(claims(), kid: "forged"), "token_signature"),
            (secret, "token_algorithm"),
        ]
        for (token, code) in refused {
            let answer = try await upload(token)
            #expect(answer.status == 401 && answer.json["code"]?.string == code, "\(answer.text)")
        }
        #expect(issuer.fetches.count == 1)
    }

    @Test("an issuer that is away makes 503 with Retry-After, and no 401")
    func issuerAway() async throws {
        let issuer = try IssuerServer()
        issuer.answer(500)
        let server = try await RunningServer(environment: ["JWT_ALGORITHM": "RS256", "JWKS_URL": issuer.url])
        let client = Client(server, token: SigningKey.rsa.token(claims(), kid: "one"))
        let answer = try await client.get("/api/v1/images/jobs/x")
        #expect(answer.status == 503 && answer[header: "retry-after"] == "5")
        #expect(answer.json["code"] == "token_keys_unavailable")
    }
}
