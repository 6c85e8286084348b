import HTTPServer

enum PrincipalKey: RequestKey { typealias Value = Principal }

extension Request {
    /// Who asks; `nil` for an anonymous request.
    package var principal: Principal? {
        get { self[PrincipalKey.self] }
        set { self[PrincipalKey.self] = newValue }
    }

    /// Whom limits and turns count for: an API key, else a user at an address, as many may come without a name.
    package var client: String {
        if case .apiKey(let key)? = principal?.proof { return "key/\(key)" }
        return "\(principal?.subject ?? "")@\(peer.network)"
    }
}
