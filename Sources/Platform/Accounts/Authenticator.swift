import HTTPServer

/// Finds out who asks, before any route: `Authorization: Bearer` with a token or key, or `X-API-Key`.
///
/// Without either the request goes on as an anonymous one; whoever shows something bad gets 401.
package struct Authenticator: Middleware {
    private let gatekeeper: Gatekeeper

    package init(_ gatekeeper: Gatekeeper) { self.gatekeeper = gatekeeper }

    package func respond(to request: Request, next: Handler) async throws -> Response {
        try await next(try await admitted(request))
    }

    /// Not inlined: what it needs would be kept by every request that goes on.
    @inline(never)
    private func admitted(_ request: Request) async throws -> Request {
        var request = request
        request.principal = try await gatekeeper.admit(credentials(of: request))
        return request
    }

    private func credentials(of request: Request) -> Gatekeeper.Credentials {
        Gatekeeper.Credentials(
            authorization: request.headers["Authorization"],
            apiKey: request.headers["X-API-Key"],
            visit: LocalVisit.Facts(
                isPeerLoopback: request.peer.isLoopback,
                host: request.host,
                origin: request.headers["Origin"],
                fetchSite: request.headers["Sec-Fetch-Site"],
                isForwarded: !request.isLoopback || request.isForwarded,
            ),
        )
    }
}
