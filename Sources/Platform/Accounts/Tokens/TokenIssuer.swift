import Kernel

/// Signs tokens that ``TokenVerifier`` accepts: `pictor token`, and tests.
package struct TokenIssuer: Sendable {
    private let secret: Secret<String>
    private let policy: TokenPolicy
    private let time: any TimeSource

    /// `nil` when no secret may sign.
    package init?(secrets: TokenSecrets, policy: TokenPolicy = TokenPolicy(), time: any TimeSource = SystemTime()) {
        guard let secret = secrets.signing else { return nil }
        self.secret = secret
        self.policy = policy
        self.time = time
    }

    /// A token for `principal` that ends after `lifetime`; without one it never ends.
    package func issue(_ principal: Principal, lifetime: Duration?) -> String {
        let now = time.now
        var claims: [(key: String, value: JSON)] = [("sub", .string(principal.subject))]
        if let organization = principal.organization { claims.append(("org_id", .string(organization))) }
        if let email = principal.email { claims.append(("email", .string(email))) }
        if let name = principal.name { claims.append(("name", .string(name))) }
        for (key, values) in [
            ("permissions", principal.permissions), ("roles", principal.roles), ("groups", principal.groups),
        ] where !values.isEmpty {
            claims.append((key, JSON(values.sorted())))
        }
        if let issuer = policy.issuer { claims.append(("iss", .string(issuer))) }
        if policy.requiresAudience, let audience = policy.audiences.first { claims.append(("aud", .string(audience))) }
        claims.append(("iat", .integer(now.milliseconds / 1000)))
        if let lifetime {
            claims.append(("exp", .integer((now + lifetime).milliseconds / 1000)))
        }
        return sign(.object(claims))
    }

    private func sign(_ claims: JSON) -> String {
        let header: JSON = ["alg": "HS256", "typ": "JWT"]
        let message = header.bytes.base64URL + "." + claims.bytes.base64URL
        return message + "." + Digest.hmacSHA256(message.utf8, key: secret.reveal().utf8).base64URL
    }
}
