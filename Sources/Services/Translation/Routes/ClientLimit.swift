import Accounts
import HTTPServer
import Kernel
import SharedState

/// So many requests of a kind in a minute for each client; the window slides. Any number where the limit is 0.
struct ClientLimit: Middleware {
    /// What is counted together.
    enum Kind: String, Sendable {
        /// New tasks.
        case tasks
        /// Questions for results.
        case polls
    }

    let kind: Kind
    let limit: Int
    let state: any SharedState

    func respond(to request: Request, next: Handler) async throws -> Response {
        guard limit > 0 else { return try await next(request) }
        let key = "translation/\(kind)/\(request.client)"
        let decision = await state.rateLimit(key, limit: limit, window: .seconds(60))
        guard decision.isAllowed else {
            throw TranslationError.rateLimited(
                kind,
                limit: limit,
                retryAfter: decision.retryAfter,
                resetAfter: decision.resetAfter,
            )
        }
        var response = try await next(request)
        response.tell(RateLimitFields(limit: limit, remaining: decision.remaining, reset: decision.resetAfter))
        return response
    }
}
