import Accounts
import Kernel
import TestSupport
import Testing

@Suite struct TokenVerifierTests {
    let time = ManualTime()
    /// Seconds since the epoch.
    private var now: Int64 { time.now.milliseconds / 1000 }

    private func verifier(
        accepted: [String] = [ForgedToken.secret],
        onLoopback: [String] = [],
        _ change: (inout TokenPolicy) -> Void = { _ in },
    ) -> TokenVerifier {
        var policy = TokenPolicy()
        change(&policy)
        let secrets = TokenSecrets(
            accepted: accepted.map { Secret($0) },
            acceptedOnLoopback: onLoopback.map { Secret($0) },
        )
        return TokenVerifier(secrets: secrets, policy: policy, time: time)
    }

    private func expect(
        _ token: String,
        _ error: TokenError?,
        _ verifier: TokenVerifier? = nil,
        sourceLocation: SourceLocation = #_sourceLocation,
    ) async {
        var thrown: TokenError?
        do { _ = try await (verifier ?? self.verifier()).verify(token, isFromLoopback: false) } catch { thrown = error }
        #expect(thrown == error, sourceLocation: sourceLocation)
    }

    @Test("a token made by another implementation is read")
    func foreignToken() async throws {
        // PyJWT 2.15.1: encode({"sub": "user-123"}, "dev-secret-change-in-production"), as the replaced system tells.
        let original =
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1c2VyLTEyMyJ9."
            + "4Nex11OXVnDRR7-dMqrjw0zDUpvnRNEbtuWAqFAHOWM"
        await expect(original, .signature)
        let principal = try await verifier(accepted: ["dev-secret-change-in-production"]).verify(
            original,
            isFromLoopback: false,
        )
        #expect(principal == Principal(subject: "user-123", organization: "default-org"))
    }

    @Test func allClaimsAreRead() async throws {
        let token = ForgedToken.make([
            "sub": "ada", "org_id": "engines", "email": "ada@example.org", "name": "Ada Lovelace",
            "permissions": ["image:upload", "image:admin"], "roles": ["admin"], "groups": ["poets"],
            "aud": ["other", "image-api"], "exp": .integer(now + 60), "nbf": .number(Double(now) - 0.5),
            "iat": .integer(now),
        ])
        let principal = try await verifier().verify(token, isFromLoopback: false)
        #expect(
            principal
                == Principal(
                    subject: "ada",
                    organization: "engines",
                    email: "ada@example.org",
                    name: "Ada Lovelace",
                    permissions: ["image:upload", "image:admin"],
                    roles: ["admin"],
                    groups: ["poets"],
                )
        )
        #expect(principal.isAdmin)
        #expect(principal.may("image:upload"))
        #expect(!principal.may("image:delete"))
    }

    @Test("alg none is refused, with and without a signature", arguments: ["none", "None", "NONE", "nOnE", ""])
    func algorithmNone(name: String) async {
        let token = ForgedToken.make(["sub": "ada"], header: ["alg": .string(name)])
        await expect(token, .algorithm)
        await expect(token.split(separator: ".").dropLast().joined(separator: ".") + ".", .algorithm)
        await expect(token.split(separator: ".").dropLast().joined(separator: "."), .malformed)
    }

    @Test(
        "the token does not choose its algorithm, also when it is signed with the right secret",
        arguments: [
            ["alg": "RS256"], ["alg": "HS512"], ["alg": "hs256"], ["alg": ["HS256"]], ["typ": "JWT"], ["alg": .null],
        ] as [JSON],
    )
    func otherAlgorithm(header: JSON) async {
        await expect(ForgedToken.make(["sub": "ada"], header: header), .algorithm)
    }

    @Test("a public key is no secret: RS256 confusion")
    func publicKeyAsSecret() async {
        let publicKey = "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END PUBLIC KEY-----\n"
        await expect(ForgedToken.make(["sub": "ada"], header: ["alg": "RS256"], secret: publicKey), .algorithm)
        await expect(ForgedToken.make(["sub": "ada"], secret: publicKey), .signature)
    }

    @Test func aKeyInTheHeaderIsIgnored() async {
        let header: JSON = ["alg": "HS256", "jwk": ["kty": "oct", "k": .string("evil".utf8.map { $0 }.base64URL)]]
        await expect(ForgedToken.make(["sub": "ada"], header: header, secret: "evil"), .signature)
    }

    @Test func aCriticalExtensionIsRefused() async {
        let header: JSON = ["alg": "HS256", "crit": ["b64"], "b64": false]
        await expect(ForgedToken.make(["sub": "ada"], header: header), .malformed)
    }

    @Test("every changed byte of the token is noticed")
    func tampered() async throws {
        let token = Array(ForgedToken.make(["sub": "ada", "roles": ["user"]]).utf8)
        await #expect(throws: Never.self) {
            try await verifier().verify(String(decoding: token, as: UTF8.self), isFromLoopback: false)
        }
        for index in token.indices {
            var changed = token
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            await #expect(throws: TokenError.self, "byte \(index)") {
                try await verifier().verify(String(decoding: changed, as: UTF8.self), isFromLoopback: false)
            }
        }
    }

    @Test(
        "what is no token at all is malformed",
        arguments: [
            "", ".", "..", "a.b", "a.b.c.d", "e30.e30.!!!!", "e30.e30.AA==", "bm90IGpzb24.e30.AA", "W10.e30.AA",
            "é.é.é",
        ],
    )
    func malformed(token: String) async { await expect(token, .malformed) }

    @Test("a good signature over nonsense is malformed", arguments: ["", "[]", "5", "{", "null", "{\"sub\":\"a\"}}"])
    func signedNonsense(payload: String) async {
        let header: JSON = ["alg": "HS256"]
        await expect(ForgedToken.make(payload: Array(payload.utf8), header: header.bytes), .malformed)
    }

    @Test func anOversizeTokenIsRefusedBeforeItIsDecoded() async {
        let fits = ForgedToken.make(["sub": "ada", "x": .string(String(repeating: "x", count: 5900))])
        #expect(fits.utf8.count <= 8192)
        await expect(fits, nil)
        let large = ForgedToken.make(["sub": "ada", "x": .string(String(repeating: "x", count: 6200))])
        #expect(large.utf8.count > 8192)
        await expect(large, .tooLarge)
    }

    @Test("the expiry has thirty seconds of leeway and not one more")
    func expiry() async {
        let token = ForgedToken.make(["sub": "ada", "exp": .integer(now)])
        await expect(token, nil)
        time.advance(by: .milliseconds(29_999))
        await expect(token, nil)
        time.advance(by: .milliseconds(1))
        await expect(token, .expired)
    }

    @Test("a token of the future has thirty seconds of leeway and not one more")
    func notBefore() async {
        await expect(ForgedToken.make(["sub": "ada", "nbf": .integer(now + 30)]), nil)
        await expect(ForgedToken.make(["sub": "ada", "nbf": .integer(now + 31)]), .notYetValid)
    }

    @Test("times that are no times are refused", arguments: ["exp", "nbf", "iat"])
    func badTimes(name: String) async {
        for value in [.string("1"), .null, .bool(true), .number(1e300), .number(-1e300), .integer(.max), []] as [JSON] {
            await expect(ForgedToken.make(.object([("sub", "ada"), (name, value)])), .claim(name))
        }
    }

    @Test func expiryMayBeRequired() async {
        let strict = verifier { $0.requiresExpiry = true }
        await expect(ForgedToken.make(["sub": "ada"]), nil)
        await expect(ForgedToken.make(["sub": "ada"]), .noExpiry, strict)
        await expect(ForgedToken.make(["sub": "ada", "exp": .integer(now + 1)]), nil, strict)
    }

    @Test func audience() async {
        let wrong = ForgedToken.make(["sub": "ada", "aud": "billing"])
        let right = ForgedToken.make(["sub": "ada", "aud": "pictures"])
        let strict = verifier {
            $0.audiences = ["pictures"]
            $0.requiresAudience = true
        }
        await expect(wrong, .audience)
        await expect(right, .audience)
        await expect(wrong, .audience, strict)
        await expect(right, nil, strict)
        await expect(ForgedToken.make(["sub": "ada", "aud": []]), .audience)
        await expect(ForgedToken.make(["sub": "ada"]), .audience, strict)
        await expect(ForgedToken.make(["sub": "ada", "aud": 5]), .claim("aud"))
        await expect(ForgedToken.make(["sub": "ada", "aud": ["image-api", 5]]), .claim("aud"))
    }

    @Test func issuer() async {
        let strict = verifier { $0.issuer = "https://login.example" }
        await expect(ForgedToken.make(["sub": "ada", "iss": "https://login.example"]), nil, strict)
        await expect(ForgedToken.make(["sub": "ada", "iss": "https://login.example.evil"]), .issuer, strict)
        await expect(ForgedToken.make(["sub": "ada"]), .issuer, strict)
        await expect(ForgedToken.make(["sub": "ada", "iss": "anybody"]), nil)
    }

    @Test(
        "a subject is needed and must be a plain text",
        arguments: [
            .null, "", "a\nb", "a\u{7F}", 5, ["ada"], .string(String(repeating: "x", count: 256)),
        ] as [JSON],
    )
    func badSubject(subject: JSON) async { await expect(ForgedToken.make(["sub": subject]), .claim("sub")) }

    @Test func noSubject() async { await expect(ForgedToken.make(["name": "Ada"]), .claim("sub")) }

    @Test(
        "claims of the wrong type are refused, not guessed",
        arguments: [
            ("org_id", 5), ("org_id", ""), ("email", []), ("permissions", "image:admin"), ("permissions", [1]),
            ("roles", ["a": 1]),
            ("groups", true),
        ] as [(String, JSON)],
    )
    func wrongTypes(name: String, value: JSON) async {
        await expect(ForgedToken.make(.object([("sub", "ada"), (name, value)])), .claim(name))
    }

    @Test("two secrets are good while one replaces the other, and not a third")
    func rotation() async {
        let both = verifier(accepted: [ForgedToken.secret, ForgedToken.otherSecret])
        await expect(ForgedToken.make(["sub": "ada"], secret: ForgedToken.secret), nil, both)
        await expect(ForgedToken.make(["sub": "ada"], secret: ForgedToken.otherSecret), nil, both)
        await expect(ForgedToken.make(["sub": "ada"], secret: "another"), .signature, both)
        await expect(ForgedToken.make(["sub": "ada"], secret: ForgedToken.otherSecret), .signature)
    }

    @Test func withoutASecretNothingIsGood() async {
        await expect(ForgedToken.make(["sub": "ada"], secret: ""), .signature, verifier(accepted: []))
    }

    @Test("a development secret is good on loopback only")
    func loopback() async throws {
        let verifier = verifier(onLoopback: ["dev-secret-change-in-production"])
        let token = ForgedToken.make(["sub": "ada"], secret: "dev-secret-change-in-production")
        #expect(try await verifier.verify(token, isFromLoopback: true).subject == "ada")
        await expect(token, .signature, verifier)
    }
}
