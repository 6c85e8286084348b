import Kernel

/// A long-lived credential of a program. Only its hash is kept, so a stolen database opens nothing.
package struct APIKey: Sendable, Equatable {
    package let id: ID<APIKey>
    /// What the owner calls it, such as `laptop`.
    package let name: String
    /// The first characters, enough to recognise it in a list and far too few to use it.
    package let prefix: String
    /// The subject it speaks for.
    package let owner: String
    package let organization: String
    /// The permissions of whoever shows it.
    package let scopes: [String]
    package let createdAt: Timestamp
    /// `nil` for a key that never ends.
    package let expiresAt: Timestamp?
    /// Written at most once a minute.
    package let lastUsedAt: Timestamp?
    package let revokedAt: Timestamp?

    /// Who shows it.
    package var principal: Principal {
        Principal(subject: owner, organization: organization, permissions: Set(scopes), proof: .apiKey(id))
    }

    /// Neither revoked nor expired.
    package func isUsable(at now: Timestamp) -> Bool { revokedAt == nil && !isExpired(at: now) }
    /// Whether its end has come; a key without one never expires.
    package func isExpired(at now: Timestamp) -> Bool { expiresAt.map { now >= $0 } ?? false }
}

/// A key that was just made; its text is shown once and never again.
package struct NewAPIKey: Sendable {
    package let key: APIKey
    package let text: Secret<String>
}

/// The text of a key: `pk_` and 32 random bytes in base64url.
///
/// So much randomness needs no slow hash: nobody can try 2^256 keys, and SHA-256 lets a request be checked in
/// microseconds.
struct APIKeyText {
    static let mark = "pk_"
    let text: String

    static func random() -> APIKeyText { APIKeyText(text: mark + Digest.randomBytes(32).base64URL) }

    private init(text: String) { self.text = text }

    /// `nil` for what cannot be a key, so that it never reaches the database.
    init?(_ text: some StringProtocol) {
        guard text.hasPrefix(Self.mark), bytes(base64URL: text.dropFirst(Self.mark.count))?.count == 32 else {
            return nil
        }
        self.text = String(text)
    }

    var hash: [UInt8] { Digest.sha256(text.utf8) }
    var prefix: String { String(text.prefix(Self.mark.count + 8)) }
}
