import Kernel

/// Decides who a request comes from; knows nothing of sockets or routes.
package struct Gatekeeper: Sendable {
    /// What a request shows.
    package struct Credentials: Sendable {
        /// The `Authorization` header.
        package var authorization: String?
        /// The `X-API-Key` header.
        package var apiKey: String?
        package var visit: LocalVisit.Facts

        package init(authorization: String? = nil, apiKey: String? = nil, visit: LocalVisit.Facts) {
            self.authorization = authorization
            self.apiKey = apiKey
            self.visit = visit
        }
    }

    private let tokens: TokenVerifier
    private let keys: APIKeyStore?
    private let localVisit: LocalVisit

    package init(tokens: TokenVerifier, keys: APIKeyStore?, localVisit: LocalVisit) {
        self.tokens = tokens
        self.keys = keys
        self.localVisit = localVisit
    }

    /// The principal, or `nil` for an anonymous request. Whoever shows something bad is refused, also where anonymous
    /// ones are welcome: a client with an expired token should learn of it.
    ///
    /// `Authorization` counts before `X-API-Key`.
    ///
    /// - Throws: ``AccountsError``, or what the database threw.
    package func admit(_ credentials: Credentials) async throws -> Principal? {
        if let authorization = credentials.authorization {
            guard let credential = bearer(authorization) else { throw AccountsError.unsupportedScheme }
            if credential.hasPrefix(APIKeyText.mark) { return try await principal(ofKey: credential) }
            do {
                // A proxy on this machine makes everybody a neighbour, so forwarded requests are not from loopback.
                let isFromLoopback = credentials.visit.isPeerLoopback && !credentials.visit.isForwarded
                return try await tokens.verify(credential, isFromLoopback: isFromLoopback)
            } catch {
                throw AccountsError.badToken(error)
            }
        }
        if let key = credentials.apiKey { return try await principal(ofKey: key) }
        return localVisit.principal(for: credentials.visit)
    }

    private func principal(ofKey text: String) async throws -> Principal {
        guard let keys else { throw AccountsError.badAPIKey }
        return try await keys.verify(text).principal
    }

    /// What follows the scheme, whose case does not count (RFC 9110, 11.1).
    private func bearer(_ header: String) -> String? {
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        let credential = parts[1].drop { $0 == " " }
        return credential.isEmpty ? nil : String(credential)
    }
}
