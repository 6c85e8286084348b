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
        response.tell(limit: limit, remaining: decision.remaining, reset: decision.resetAfter)
        return response
    }
}

extension Response {
    /// Tells of a limit in the fields of the IETF draft "RateLimit header fields".
    mutating func tell(limit: Int, remaining: Int, reset: Duration) {
        headers["RateLimit-Limit"] = "\(limit)"
        headers["RateLimit-Remaining"] = "\(remaining)"
        headers["RateLimit-Reset"] = "\(max(1, Int(reset.seconds.rounded(.up))))"
    }
}

extension Request {
    /// Whom limits and turns count for: an API key, else a user at an address, as many may come without a name.
    var client: String {
        if case .apiKey(let key)? = principal?.proof { return "key/\(key)" }
        return "\(principal?.subject ?? "")@\(peer.network)"
    }
}
