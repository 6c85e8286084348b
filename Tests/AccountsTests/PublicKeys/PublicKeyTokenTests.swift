import Accounts
import Kernel
import TestSupport
import Testing

/// Tokens that a public key checks.
@Suite struct PublicKeyTokenTests {
    static let ed25519 = SigningKey.ed25519()
    let time = ManualTime()
    private var now: Int64 { time.now.milliseconds / 1000 }

    private func verifier(
        _ algorithms: Set<TokenAlgorithm> = [.RS256, .EdDSA],
        secrets: [String] = [],
        _ change: (inout TokenPolicy) -> Void = { _ in },
    ) throws -> TokenVerifier {
        var policy = TokenPolicy()
        policy.algorithms = algorithms
        change(&policy)
        let set: JSON = ["keys": [SigningKey.rsa.jwk("rsa"), Self.ed25519.jwk("ed")]]
        return TokenVerifier(
            secrets: TokenSecrets(accepted: secrets.map { Secret($0) }),
            keys: .fixed(try KeySet(parsing: set.bytes)),
            policy: policy,
            time: time,
        )
    }

    private func expect(
        _ token: String,
        _ error: TokenError?,
        _ verifier: TokenVerifier? = nil,
        sourceLocation: SourceLocation = #_sourceLocation,
    ) async throws {
        var thrown: TokenError?
        let verifier = try verifier ?? self.verifier()
        do { _ = try await verifier.verify(token, isFromLoopback: true) } catch { thrown = error }
        #expect(thrown == error, sourceLocation: sourceLocation)
    }

    @Test("RS256 and EdDSA are read, with and without the key's name")
    func good() async throws {
        for (key, name) in [(SigningKey.rsa, "rsa"), (Self.ed25519, "ed")] {
            for kid in [name, nil] {
                let token = key.token(["sub": "ada", "org_id": "engines", "permissions": ["image:upload"]], kid: kid)
                let principal = try await verifier().verify(token, isFromLoopback: false)
                #expect(principal.subject == "ada" && principal.organization == "engines")
                #expect(principal.may("image:upload"))
            }
        }
    }

    @Test func anUnknownOrWrongKeyIsNoGoodSignature() async throws {
        try await expect(SigningKey.rsa.token(["sub": "ada"], kid: "other"), .signature)
        try await expect(SigningKey.otherRSA.token(["sub": "ada"], kid: "rsa"), .signature)
        try await expect(SigningKey.otherRSA.token(["sub": "ada"], kid: nil), .signature)
        try await expect(SigningKey.ed25519().token(["sub": "ada"], kid: "ed"), .signature)
    }

    @Test("the name of a key does not make it another kind")
    func kindOfKey() async throws {
        try await expect(SigningKey.rsa.token(["sub": "ada"], kid: "ed"), .signature)
        try await expect(SigningKey.rsa.token(["sub": "ada"], kid: "rsa", header: ["alg": "EdDSA"]), .signature)
        try await expect(Self.ed25519.token(["sub": "ada"], kid: "ed", header: ["alg": "RS256"]), .signature)
        try await expect(SigningKey.rsa.token(["sub": "ada"], kid: "rsa", header: ["kid": 5]), .malformed)
    }

    @Test("alg none is refused, whoever signed", arguments: ["none", "None", "NONE", ""])
    func none(name: String) async throws {
        try await expect(SigningKey.rsa.token(["sub": "ada"], kid: "rsa", header: ["alg": JSON(name)]), .algorithm)
        let unsigned = ForgedToken.make(["sub": "ada"], header: ["alg": JSON(name)])
        try await expect(unsigned.split(separator: ".").dropLast().joined(separator: ".") + ".", .algorithm)
    }

    @Test("a public key is never a secret, in whatever form a forger writes it")
    func confusion() async throws {
        let forms = [SigningKey.rsa.pem, String(decoding: SigningKey.rsa.jwk("rsa").bytes, as: UTF8.self)]
        for form in forms {
            let forged = ForgedToken.make(["sub": "ada"], header: ["alg": "HS256", "kid": "rsa"], secret: form)
            try await expect(forged, .algorithm)
            try await expect(forged, .signature, verifier([.HS256, .RS256], secrets: [ForgedToken.secret]))
            let asRSA = ForgedToken.make(["sub": "ada"], header: ["alg": "RS256", "kid": "rsa"], secret: form)
            try await expect(asRSA, .signature)
        }
    }

    @Test("only the pinned algorithms count, though keys for the others are there")
    func pinned() async throws {
        let rsa = SigningKey.rsa.token(["sub": "ada"], kid: "rsa")
        let ed25519 = Self.ed25519.token(["sub": "ada"], kid: "ed")
        let secret = ForgedToken.make(["sub": "ada"])
        for (algorithm, good) in [(TokenAlgorithm.HS256, secret), (.RS256, rsa), (.EdDSA, ed25519)] {
            let verifier = try verifier([algorithm], secrets: [ForgedToken.secret])
            for token in [rsa, ed25519, secret] { try await expect(token, token == good ? nil : .algorithm, verifier) }
        }
        let all = try verifier(Set(TokenAlgorithm.allCases), secrets: [ForgedToken.secret])
        for token in [rsa, ed25519, secret] { try await expect(token, nil, all) }
    }

    @Test("a key that the token brings along is ignored")
    func keyInTheHeader() async throws {
        let header: JSON = ["jwk": SigningKey.otherRSA.jwk("x"), "jku": "http://127.0.0.1:1/jwks"]
        try await expect(SigningKey.otherRSA.token(["sub": "ada"], kid: nil, header: header), .signature)
    }

    @Test func claimsCountAsForEveryToken() async throws {
        func token(_ claims: JSON) -> String {
            SigningKey.rsa.token((["sub": "ada"] as JSON).merging(claims), kid: "rsa")
        }
        try await expect(token(["exp": .integer(now - 31)]), .expired)
        try await expect(token(["exp": .integer(now - 29)]), nil)
        try await expect(token(["nbf": .integer(now + 31)]), .notYetValid)
        try await expect(token(["aud": "billing"]), .audience)
        try await expect(token(["aud": "image-api"]), nil)
        let strict = try verifier { $0.issuer = "https://login.example" }
        try await expect(token(["iss": "https://evil.example"]), .issuer, strict)
        try await expect(token(["iss": "https://login.example"]), nil, strict)
        try await expect(SigningKey.rsa.token(["name": "Ada"], kid: "rsa"), .claim("sub"))
    }

    @Test func withoutKeysNothingIsGood() async throws {
        var policy = TokenPolicy()
        policy.algorithms = [.RS256]
        let verifier = TokenVerifier(secrets: TokenSecrets(accepted: []), policy: policy, time: time)
        try await expect(SigningKey.rsa.token(["sub": "ada"], kid: "rsa"), .signature, verifier)
    }
}
