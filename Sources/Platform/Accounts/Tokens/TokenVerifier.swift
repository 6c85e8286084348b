import Kernel

/// Reads JSON Web Tokens signed with HMAC-SHA-256, RSA or Ed25519 (RFC 7519, RFC 7515 compact form, RFC 8725 for what
/// to refuse).
///
/// The algorithms are pinned: the header must name one of the policy's. A secret only ever checks `HS256` and a public
/// key only what its kind signs, so nothing in a token makes a secret of a key that everybody knows.
package struct TokenVerifier: Sendable {
    private let secrets: TokenSecrets
    private let keys: TokenKeys
    private let policy: TokenPolicy
    private let time: any TimeSource

    /// `keys` check `RS256` and `EdDSA`, `secrets` check `HS256`, as far as `policy` admits them.
    package init(
        secrets: TokenSecrets,
        keys: TokenKeys = .none,
        policy: TokenPolicy = TokenPolicy(),
        time: any TimeSource = SystemTime(),
    ) {
        self.secrets = secrets
        self.keys = keys
        self.policy = policy
        self.time = time
    }

    /// Who the token speaks for. Nothing of the claims is read before the signature has been found good.
    ///
    /// `isFromLoopback` tells whether the one who sent it sits on this machine.
    package func verify(_ token: String, isFromLoopback: Bool) async throws(TokenError) -> Principal {
        guard token.utf8.count <= policy.maxBytes else { throw .tooLarge }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = object(parts[0]), let signature = bytes(base64URL: parts[2]) else {
            throw .malformed
        }
        guard let algorithm = header["alg"]?.string.flatMap(TokenAlgorithm.init), policy.algorithms.contains(algorithm)
        else { throw .algorithm }
        // RFC 7515, 4.1.11: who does not understand a critical extension must refuse; we know none.
        guard header["crit"] == nil else { throw .malformed }
        let signed = token.utf8.dropLast(parts[2].utf8.count + 1)
        let isGood =
            if let kind = algorithm.keyKind {
                try await isSigned(signed, signature, kind, keyID: header["kid"])
            } else {
                isSigned(signed, signature, isFromLoopback)
            }
        guard isGood else { throw .signature }
        guard let claims = object(parts[1]) else { throw .malformed }
        try checkTimes(claims)
        try checkAudience(claims)
        try checkIssuer(claims)
        return try principal(claims)
    }

    private func object(_ part: Substring) -> JSON? {
        guard let text = bytes(base64URL: part), let json = try? JSON(parsing: text), case .object = json else {
            return nil
        }
        return json
    }

    /// Tries every secret whatever the first ones say, so that the time tells nothing.
    private func isSigned(_ message: some Sequence<UInt8>, _ signature: [UInt8], _ isFromLoopback: Bool) -> Bool {
        let usable = secrets.accepted + (isFromLoopback ? secrets.acceptedOnLoopback : [])
        return usable.reduce(false) { isSigned, secret in
            let code = Digest.hmacSHA256(message, key: secret.reveal().utf8)
            return Digest.constantTimeEqual(code, signature) || isSigned
        }
    }

    private func isSigned(
        _ message: some Sequence<UInt8>,
        _ signature: [UInt8],
        _ kind: PublicKey.Kind,
        keyID: JSON?,
    ) async throws(TokenError) -> Bool {
        guard keyID == nil || keyID?.string != nil else { throw .malformed }
        let message = Array(message)
        return try await keys.candidates(for: keyID?.string, kind).contains { $0.isSigned(message, signature) }
    }

    private func checkTimes(_ claims: JSON) throws(TokenError) {
        let now = time.now
        if let expiry = try moment(claims, "exp") {
            guard now < expiry + policy.leeway else { throw .expired }
        } else if policy.requiresExpiry {
            throw .noExpiry
        }
        if let start = try moment(claims, "nbf"), now + policy.leeway < start { throw .notYetValid }
        _ = try moment(claims, "iat")
    }

    /// A NumericDate of RFC 7519: seconds since the epoch, with or without a fraction.
    private func moment(_ claims: JSON, _ name: String) throws(TokenError) -> Timestamp? {
        guard let claim = claims[name] else { return nil }
        // Up to the year 9999, beyond which sums would overflow sooner or later.
        guard let seconds = claim.number, abs(seconds) < 253_402_300_800 else { throw .claim(name) }
        return Timestamp(milliseconds: Int64(seconds * 1000))
    }

    private func checkAudience(_ claims: JSON) throws(TokenError) {
        guard let claim = claims["aud"] else {
            if policy.requiresAudience { throw .audience }
            return
        }
        guard let audiences = claim.string.map({ [$0] }) ?? strings(claim) else { throw .claim("aud") }
        guard audiences.contains(where: policy.audiences.contains) else { throw .audience }
    }

    private func checkIssuer(_ claims: JSON) throws(TokenError) {
        if let issuer = policy.issuer, claims["iss"]?.string != issuer { throw .issuer }
    }

    private func principal(_ claims: JSON) throws(TokenError) -> Principal {
        guard let subject = try text(claims, "sub") else { throw .claim("sub") }
        return Principal(
            subject: subject,
            organization: try text(claims, "org_id") ?? Principal.defaultOrganization,
            email: try text(claims, "email"),
            name: try text(claims, "name"),
            permissions: try texts(claims, "permissions"),
            roles: try texts(claims, "roles"),
            groups: try texts(claims, "groups"),
        )
    }

    private func text(_ claims: JSON, _ name: String) throws(TokenError) -> String? {
        guard let claim = claims[name], claim != .null else { return nil }
        guard let text = claim.string, Principal.isSubject(text) else { throw .claim(name) }
        return text
    }

    private func texts(_ claims: JSON, _ name: String) throws(TokenError) -> Set<String> {
        guard let claim = claims[name], claim != .null else { return [] }
        guard let texts = strings(claim) else { throw .claim(name) }
        return Set(texts)
    }

    private func strings(_ claim: JSON) -> [String]? {
        guard let values = claim.array else { return nil }
        let texts = values.compactMap(\.string)
        return texts.count == values.count ? texts : nil
    }
}
