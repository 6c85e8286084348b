import Configuration
import Kernel

/// Who is let in. Each setting is `accounts.NAME` in `pictor.yaml` and `PICTOR_ACCOUNTS_NAME` in the environment; the
/// names of the replaced system stand beside it as aliases.
package struct AccountsSettings: Sendable {
    /// Where public keys come from.
    package enum Keys: Sendable {
        case none
        case fixed(KeySet)
        /// `lifetime`: How long a fetched set is used without asking again.
        case published(url: String, lifetime: Duration)
    }

    /// What signs tokens, after the secrets' policy has been applied.
    package var secrets = TokenSecrets(accepted: [])
    package var tokens = TokenPolicy()
    package var keys = Keys.none
    package var permissions = PermissionSettings()
    /// What this server derives other secrets from, when it has a good one; it need not sign tokens.
    package var serverSecret: Secret<String>?
    /// In development mode a visitor on this machine needs no login.
    package var isLocalVisitAllowed = true

    package init() {}

    /// Reads the settings. `host` is where the server will listen, `nil` for a command that does not; secrets that are
    /// too weak for the mode and the host are problems.
    package init(_ reader: SettingsReader, mode: RunMode, host: String?) {
        let current = reader.secret(
            "accounts.jwt_secret",
            aliases: ["JWT_SECRET_KEY"],
            help: "Signs and checks tokens (HS256).",
        )
        let previous = reader.secret(
            "accounts.jwt_previous_secret",
            aliases: ["JWT_PREVIOUS_SECRET_KEY"],
            help: "Also checks tokens, while the other secret replaces this one.",
        )
        tokens.algorithms = readAlgorithms(reader)
        keys = readKeys(reader)
        checkKeys(reader)
        readPolicy(reader)
        let isLocalVisitWished = reader.bool(
            "accounts.local_visit",
            default: isLocalVisitAllowed,
            help: "In development mode, a visitor on this machine needs no login.",
        )
        isLocalVisitAllowed = isLocalVisitWished && mode == .development
        permissions = PermissionSettings(reader)
        serverSecret = current.flatMap { SecretPolicy.weakness($0) == nil ? $0 : nil }
        // Without HS256 a secret checks nothing, the well-known one of development least of all.
        guard tokens.algorithms.contains(.HS256) else { return }
        switch SecretPolicy.decide(mode: mode, current: current, previous: previous, host: host) {
        case .use(let secrets): self.secrets = secrets
        case .refuse(let sentences):
            for sentence in sentences { reader.report("accounts.jwt_secret", sentence) }
        }
    }

    /// An algorithm that cannot be checked stops the start: a server that ignored it would check nothing it was told to.
    private func checkKeys(_ reader: SettingsReader) {
        let named = tokens.algorithms.filter { $0.keyKind != nil }.map(\.rawValue).sorted().joined(separator: " and ")
        let needsKeys = !named.isEmpty
        let hasKeys = if case .none = keys { false } else { true }
        if needsKeys && !hasKeys {
            reader.report(
                "accounts.jwt_algorithm",
                "accounts.jwt_algorithm names \(named), which public keys check; set accounts.jwks_url or "
                    + "accounts.jwt_keys_file.",
            )
        }
        if hasKeys && !needsKeys {
            reader.report(
                "accounts.jwt_algorithm",
                "Public keys are set and accounts.jwt_algorithm uses none; it must name RS256 or EdDSA.",
            )
        }
    }

    private mutating func readPolicy(_ reader: SettingsReader) {
        let audiences = reader.list(
            "accounts.jwt_audience",
            default: [],
            count: 1...10,
            aliases: ["JWT_AUDIENCE", "AUTH_API_AUDIENCE"],
            help: "A token must be made for one of these; without the setting it need not name an audience.",
        )
        if !audiences.isEmpty {
            tokens.audiences = audiences
            tokens.requiresAudience = true
        }
        tokens.issuer = reader.string(
            "accounts.jwt_issuer",
            aliases: ["JWT_ISSUER", "AUTH_API_ISSUER_URL"],
            help: "A token must be made by this issuer.",
        )
        tokens.requiresExpiry = reader.bool(
            "accounts.jwt_require_expiry",
            default: tokens.requiresExpiry,
            help: "Refuse tokens that never end.",
        )
        tokens.leeway = reader.duration(
            "accounts.jwt_leeway",
            .zero...(.seconds(300)),
            default: tokens.leeway,
            help: "How far the clocks of two machines may be apart.",
        )
    }
}

private func readAlgorithms(_ reader: SettingsReader) -> Set<TokenAlgorithm> {
    let names = reader.list(
        "accounts.jwt_algorithm",
        default: [TokenAlgorithm.HS256.rawValue],
        count: 1...3,
        each: .where("HS256, RS256 or EdDSA") { algorithm($0) != nil },
        aliases: ["JWT_ALGORITHM"],
        help: "The only algorithms tokens may be signed with: by secret (HS256) or public key.",
    )
    return Set(names.compactMap(algorithm))
}

private func algorithm(_ name: String) -> TokenAlgorithm? {
    TokenAlgorithm.allCases.first { $0.rawValue.lowercased() == name.lowercased() }
}

private func readKeys(_ reader: SettingsReader) -> AccountsSettings.Keys {
    let url = reader.string(
        "accounts.jwks_url",
        .plainURL,
        aliases: ["JWKS_URL", "AUTH_API_JWKS_URL"],
        help: "Where the issuer of tokens publishes its public keys (JSON Web Key Set).",
    )
    let lifetime = reader.duration(
        "accounts.jwks_cache_ttl",
        .seconds(60)...(.seconds(86_400)),
        default: .seconds(3600),
        aliases: ["JWKS_CACHE_TTL"],
        help: "How long they are used without asking again.",
    )
    let text = reader.fileText(
        "accounts.jwt_keys_file",
        limit: KeySet.maxBytes,
        aliases: ["JWT_PUBLIC_KEY_FILE"],
        help: "A file with the public key (PEM) or keys (JSON Web Key Set) that check tokens.",
    )
    if let text {
        if url != nil { reader.report("accounts.jwks_url", "Public keys come from a URL or a file; set only one.") }
        do {
            return .fixed(try keySet(text))
        } catch {
            reader.report("accounts.jwt_keys_file", "accounts.jwt_keys_file names a file that \(error.reason).")
        }
    }
    return url.map { .published(url: $0, lifetime: lifetime) } ?? .none
}

private func keySet(_ text: String) throws(KeySetError) -> KeySet {
    guard text.first(where: { !$0.isWhitespace }) == "{" else { return try KeySet(pem: text) }
    let keys = try KeySet(parsing: Array(text.utf8))
    guard !keys.isEmpty else { throw .noUsableKey }
    return keys
}
