import HTTPClient
import Kernel
import Telemetry

/// Where the public keys come from that check tokens.
package enum TokenKeys: Sendable {
    case none
    /// Read from a file when the program started.
    case fixed(KeySet)
    /// Fetched from whoever signs the tokens.
    case remote(RemoteKeySet)

    /// What the settings name; nothing is fetched yet.
    package init(
        _ settings: AccountsSettings.Keys,
        client: HTTPClient,
        time: any TimeSource,
        log: Log,
        metrics: Metrics,
    ) {
        switch settings {
        case .none: self = .none
        case .fixed(let keys): self = .fixed(keys)
        case .published(let url, let lifetime):
            self = .remote(
                RemoteKeySet(url: url, lifetime: lifetime, client: client, time: time, log: log, metrics: metrics)
            )
        }
    }

    /// The keys that may have signed a token with this `kid`.
    ///
    /// - Throws: ``TokenError/keysUnavailable(retryAfter:)``.
    func candidates(for id: String?, _ kind: PublicKey.Kind) async throws(TokenError) -> [PublicKey] {
        switch self {
        case .none: []
        case .fixed(let keys): keys.candidates(for: id, kind)
        case .remote(let keys): try await keys.candidates(for: id, kind)
        }
    }
}
