/// What a token must say besides being signed.
package struct TokenPolicy: Sendable {
    /// The only algorithms that count, whatever a token says of itself.
    package var algorithms: Set<TokenAlgorithm> = [.HS256]
    /// A token with an audience must name one of these (RFC 7519, 4.1.3). `image-api` is the replaced system's.
    package var audiences = ["image-api", "pictor"]
    /// A token without an audience is refused.
    package var requiresAudience = false
    /// The only issuer, when there is one.
    package var issuer: String?
    /// A token without `exp` is refused. The replaced system took them, so this is off by default.
    package var requiresExpiry = false
    /// How far clocks of two machines may be apart.
    package var leeway = Duration.seconds(30)
    /// Bytes of the whole token. Larger ones are refused before anything is decoded.
    package var maxBytes = 8192

    package init() {}
}
