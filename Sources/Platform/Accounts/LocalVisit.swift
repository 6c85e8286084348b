import HTTPServer
import Kernel

/// Decides whether a request without credentials comes from the developer at this machine.
///
/// The peer's address alone is not enough. Any page in the developer's browser can send requests to 127.0.0.1 (CSRF),
/// a name of an attacker can be made to point there (DNS rebinding), and a proxy on this machine makes everybody look
/// local.
package struct LocalVisit: Sendable {
    /// What the decision needs of a request.
    package struct Facts: Sendable {
        /// By the address of the connection, never by a header.
        package var isPeerLoopback = false
        /// The `Host` header.
        package var host: String?
        package var origin: String?
        /// The `Sec-Fetch-Site` header, which browsers set and pages cannot.
        package var fetchSite: String?
        /// Any header that proxies add: `Forwarded`, `X-Forwarded-For`, `X-Forwarded-Host`, `X-Real-IP`, `Via`.
        package var isForwarded = false

        package init(
            isPeerLoopback: Bool,
            host: String?,
            origin: String? = nil,
            fetchSite: String? = nil,
            isForwarded: Bool = false,
        ) {
            self.isPeerLoopback = isPeerLoopback
            self.host = host
            self.origin = origin
            self.fetchSite = fetchSite
            self.isForwarded = isForwarded
        }
    }

    /// Who such a visitor is.
    package let principal: Principal
    private let isAllowed: Bool
    private let hosts: Set<String>

    /// `hosts` are further names (without port) under which the developer reaches the server; `permissions` are what
    /// the visitor may do.
    package init(isAllowed: Bool, hosts: [String] = [], permissions: Set<String> = []) {
        self.isAllowed = isAllowed
        self.hosts = Set(hosts.map { $0.lowercased() })
        principal = Principal(
            subject: "development",
            name: "Developer",
            permissions: permissions,
            roles: ["admin"],
            proof: .localVisit,
        )
    }

    /// The principal, or `nil` for an ordinary anonymous request.
    package func principal(for facts: Facts) -> Principal? {
        guard isAllowed, facts.isPeerLoopback, !facts.isForwarded, let host = facts.host, isOwnName(host) else {
            return nil
        }
        if let origin = facts.origin, !isSameSite(origin, host) { return nil }
        if let site = facts.fetchSite?.lowercased(), !["same-origin", "none"].contains(site) { return nil }
        return principal
    }

    private func isOwnName(_ host: String) -> Bool {
        guard let name = hostName(of: host) else { return false }
        return SecretPolicy.isLoopbackHost(name) || hosts.contains(name)
    }

    private func isSameSite(_ origin: String, _ host: String) -> Bool {
        ["http://", "https://"].contains { origin.lowercased() == $0 + host.lowercased() }
    }
}
