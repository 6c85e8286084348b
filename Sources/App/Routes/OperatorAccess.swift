import Accounts
import HTTPServer
import Kernel
import SharedState

/// Lets only those see the dashboard, the metrics and failed jobs who run the server: someone on the machine itself, an
/// administrator, or a scraper whose key has the scope `metrics:read`. So many requests of each in a minute, those that
/// are refused counted too; any number where the limit is 0. The window slides.
struct OperatorAccess: Middleware {
    let limit: Int
    let state: any SharedState

    func respond(to request: Request, next: Handler) async throws -> Response {
        guard limit > 0 else { return try await admitted(request, next) }
        let decision = await state.rateLimit("operators/\(request.client)", limit: limit, window: .seconds(60))
        let fields = RateLimitFields(limit: limit, remaining: decision.remaining, reset: decision.resetAfter)
        guard decision.isAllowed else { throw TooManyRequests(retryAfter: decision.retryAfter, fields: fields) }
        var response = try await admitted(request, next)
        response.tell(fields)
        return response
    }

    private func admitted(_ request: Request, _ next: Handler) async throws -> Response {
        if request.isLoopback || isOperator(request.principal) { return try await next(request) }
        throw request.principal == nil ? OperatorError.notSignedIn : OperatorError.notAllowed
    }

    private func isOperator(_ principal: Principal?) -> Bool {
        guard let principal else { return false }
        return principal.isAdmin || principal.may("image:admin") || principal.may("metrics:read")
    }
}

/// What stands around everything that only operators see.
func operatorAccess(_ settings: Settings, _ engines: Engines) -> OperatorAccess {
    OperatorAccess(limit: settings.adminRate, state: engines.state)
}

private enum OperatorError: Failure {
    case notAllowed, notSignedIn

    var status: Int { self == .notSignedIn ? 401 : 403 }
    var code: String { self == .notSignedIn ? "not_signed_in" : "operators_only" }
    var message: String {
        "This page is for operators: open it on the server itself, or send an administrator's token or a key with the scope metrics:read."
    }
}

private struct TooManyRequests: LimitFailure {
    let retryAfter: Duration?
    let fields: RateLimitFields?

    var status: Int { 429 }
    var code: String { "rate_limited" }
    var message: String { "At most \(fields?.limit ?? 0) requests of operators a minute. Wait a moment." }
}
