/// Headers that keep a browser from doing what a page or file did not ask for (OWASP Secure Headers). What a handler
/// set stays.
package struct SecurityHeadersMiddleware: Middleware {
    /// Pages load from here only; pictures also from what scripts made.
    private let page = securityHeaders(
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; object-src 'none'; "
            + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    /// What is no page may do nothing, should a browser show it as one.
    private let file = securityHeaders("default-src 'none'; frame-ancestors 'none'; sandbox")

    package init() {}

    package func respond(to request: Request, next: Handler) async throws -> Response {
        var response = try await next(request)
        let isPage = response.headers["Content-Type"]?.utf8.starts(with: "text/html".utf8) ?? false
        response.headers.addMissing(isPage ? page : file)
        if request.isSecure {
            response.headers.setIfAbsent("Strict-Transport-Security", "max-age=31536000")
        }
        return response
    }
}

private func securityHeaders(_ policy: String) -> Headers {
    [
        "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
    ]
}
