import Accounts
import HTTPServer
import Kernel

/// Lets only those see the dashboard, the metrics and failed jobs who run the server: someone on the machine itself, an
/// administrator, or a scraper whose key has the scope `metrics:read`.
struct OperatorAccess: Middleware {
    func respond(to request: Request, next: Handler) async throws -> Response {
        if request.isLoopback || isOperator(request.principal) { return try await next(request) }
        throw request.principal == nil ? OperatorError.notSignedIn : OperatorError.notAllowed
    }

    private func isOperator(_ principal: Principal?) -> Bool {
        guard let principal else { return false }
        return principal.isAdmin || principal.may("image:admin") || principal.may("metrics:read")
    }
}

private enum OperatorError: Failure {
    case notAllowed, notSignedIn

    var status: Int { self == .notSignedIn ? 401 : 403 }
    var code: String { self == .notSignedIn ? "not_signed_in" : "operators_only" }
    var message: String {
        "This page is for operators: open it on the server itself, or send an administrator's token or a key with the scope metrics:read."
    }
}
