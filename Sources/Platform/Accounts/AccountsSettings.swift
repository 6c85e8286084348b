import Configuration
import Kernel

/// Who is let in. Each setting is `accounts.NAME` in `pictor.yaml` and `PICTOR_ACCOUNTS_NAME` in the environment; the
/// names of the replaced system stand beside it as aliases.
package struct AccountsSettings: Sendable {
    private enum Algorithm: String, CaseIterable { case HS256 }

    /// What signs tokens, after the secrets' policy has been applied.
    package var secrets = TokenSecrets(accepted: [])
    package var tokens = TokenPolicy()
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
        // Read for the sake of the refusal: a server that silently ignored RS256 would check nothing it was told to.
        _ = reader.choice(
            "accounts.jwt_algorithm",
            default: Algorithm.HS256,
            aliases: ["JWT_ALGORITHM"],
            help: "The only algorithm tokens may be signed with.",
        )
        readPolicy(reader)
        let isLocalVisitWished = reader.bool(
            "accounts.local_visit",
            default: isLocalVisitAllowed,
            help: "In development mode, a visitor on this machine needs no login.",
        )
        isLocalVisitAllowed = isLocalVisitWished && mode == .development
        switch SecretPolicy.decide(mode: mode, current: current, previous: previous, host: host) {
        case .use(let secrets): self.secrets = secrets
        case .refuse(let sentences):
            for sentence in sentences { reader.report("accounts.jwt_secret", sentence) }
        }
    }

    private mutating func readPolicy(_ reader: SettingsReader) {
        let audiences = reader.list(
            "accounts.jwt_audience",
            default: [],
            count: 1...10,
            aliases: ["JWT_AUDIENCE"],
            help: "A token must be made for one of these; without the setting it need not name an audience.",
        )
        if !audiences.isEmpty {
            tokens.audiences = audiences
            tokens.requiresAudience = true
        }
        tokens.issuer = reader.string(
            "accounts.jwt_issuer",
            aliases: ["JWT_ISSUER"],
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
