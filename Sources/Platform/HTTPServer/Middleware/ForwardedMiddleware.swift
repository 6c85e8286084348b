/// Believes what trusted proxies say about the client: its address, whether it spoke TLS, and the name it asked for.
///
/// Everyone can send these headers, so only those of a peer that is configured as a proxy count, and of several
/// addresses the last one that is no proxy: what stands before it is the client's own invention. So is what stands
/// before something that is no address, such as `unknown`.
package struct ForwardedMiddleware: Middleware {
    private let proxies: [AddressBlock]

    package init(proxies: [AddressBlock]) { self.proxies = proxies }

    package func respond(to request: Request, next: Handler) async throws -> Response {
        try await next(isProxy(request.peer) ? believed(request) : request)
    }

    private func believed(_ request: Request) -> Request {
        var request = request
        let chain = request.headers.all("X-Forwarded-For").flatMap { $0.split(separator: ",") }.map(trimmed)
        let known = chain.reversed().lazy.map { PeerAddress($0) }.prefix { $0 != nil }.compactMap { $0 }
        if let client = known.first(where: { !isProxy($0) }) {
            request.peer = client
            request.isForwarded = true
        }
        request.isSecure = request.headers["X-Forwarded-Proto"]?.lowercased() == "https"
        request.forwardedHost = request.headers["X-Forwarded-Host"]
        return request
    }

    private func isProxy(_ address: PeerAddress) -> Bool { proxies.contains { $0.contains(address) } }
}
