/// Keeps foreign pages away from a server that trusts its own machine.
///
/// Without a login, being on the machine is the only proof. A page of somebody else can make the developer's browser
/// send requests here (CSRF), or point a name of its own at 127.0.0.1 and then read the answers (DNS rebinding): `Host`
/// and `Origin` give both away.
package struct DevelopmentGuard: Middleware {
    private let isOn: Bool
    private let hosts: Set<String>
    private let origins: Set<String>

    /// `hosts` are names besides the loopback ones, without port; `origins` are those that CORS lets in.
    package init(isOn: Bool, hosts: [String] = [], origins: [String] = []) {
        self.isOn = isOn
        self.hosts = Set(hosts.map { $0.lowercased() }).union(["localhost", "127.0.0.1", "[::1]"])
        self.origins = Set(origins.map { $0.lowercased() })
    }

    package func respond(to request: Request, next: Handler) async throws -> Response {
        if isOn, request.isLoopback, request.targetProblem == nil { try check(request) }
        return try await next(request)
    }

    private func check(_ request: Request) throws(HTTPError) {
        guard let host = request.host?.lowercased(), let name = hostName(of: host), hosts.contains(name) else {
            throw .forbiddenOrigin(
                "This development server answers on localhost only. Add the name to server.allowed_hosts to use another."
            )
        }
        guard !request.method.isSafe, let origin = request.headers["Origin"]?.lowercased() else { return }
        guard origin == "http://\(host)" || origin == "https://\(host)" || origins.contains(origin) else {
            throw .forbiddenOrigin("Pages of \(origin.prefix(100)) may not change anything here.")
        }
    }
}
