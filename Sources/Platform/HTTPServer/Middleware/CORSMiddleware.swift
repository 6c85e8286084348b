/// Lets pages of the configured origins call the API (the Fetch standard, 3.2). Credentials are tokens in a header, so
/// `Access-Control-Allow-Credentials` is never sent.
package struct CORSMiddleware: Middleware {
    private let origins: Set<String>
    private let exposed =
        "ETag, Location, Retry-After, X-Request-ID, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, "
        + "RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Idempotency-Replayed"

    /// `origins` are such as `https://app.example.org`; `*` is every origin.
    package init(origins: [String]) { self.origins = Set(origins.map { $0.lowercased() }) }

    package func respond(to request: Request, next: Handler) async throws -> Response {
        guard !origins.isEmpty else { return try await next(request) }
        let isPreflight = request.method == .options && request.headers.contains("Access-Control-Request-Method")
        var response = try await isPreflight ? .noContent() : next(request)
        response.headers.append("Vary", "Origin")
        guard let origin = request.headers["Origin"], isAllowed(origin) else { return response }
        response.headers["Access-Control-Allow-Origin"] = origins.contains("*") ? "*" : origin
        if isPreflight {
            response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, POST, PUT, PATCH, DELETE"
            response.headers["Access-Control-Allow-Headers"] =
                "Authorization, Content-Type, Idempotency-Key, If-None-Match, Range, X-API-Key, X-Request-ID"
            response.headers["Access-Control-Max-Age"] = "600"
        } else {
            response.headers["Access-Control-Expose-Headers"] = exposed
        }
        return response
    }

    private func isAllowed(_ origin: String) -> Bool { origins.contains("*") || origins.contains(origin.lowercased()) }
}
