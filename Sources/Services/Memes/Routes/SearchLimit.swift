import Accounts
import HTTPServer
import Kernel
import SharedState

/// So many searches a minute for each address, or for each API key; the window slides.
struct SearchLimit: Middleware {
    let limit: Int
    let state: any SharedState
    private let window = Duration.seconds(60)

    init(limit: Int, state: any SharedState) {
        self.limit = limit
        self.state = state
    }

    func respond(to request: Request, next: Handler) async throws -> Response {
        let decision = await state.rateLimit("memes/search/\(asker(request))", limit: limit, window: window)
        guard decision.isAllowed else {
            throw MemesError.rateLimited(
                limit: limit,
                retryAfter: decision.retryAfter,
                resetAfter: decision.resetAfter,
            )
        }
        var response = try await next(request)
        let headers = limitHeaders(limit: limit, remaining: decision.remaining, reset: decision.resetAfter)
        for (name, value) in headers { response.headers[name] = value }
        return response
    }

    private func asker(_ request: Request) -> String {
        if case .apiKey(let key) = request.principal?.proof { return "key/\(key)" }
        return request.peer.network
    }
}
