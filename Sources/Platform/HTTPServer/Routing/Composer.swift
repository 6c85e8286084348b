import Kernel
import Telemetry

/// Builds the chain of functions that a request passes through, once per route.
struct Composer: Sendable {
    let middleware: [any Middleware]
    let log: Log

    func route(_ entry: Router.Entry, errors: ErrorStyle?) -> Route {
        let limits = entry.limits
        let inner = wrap(entry.handler, in: entry.middleware)
        return Route(
            label: entry.pattern.text,
            parameterNames: entry.pattern.names,
            limits: limits,
            errors: errors,
            handler: outer { request in
                try limits.check(request)
                return try await inner(request)
            },
        )
    }

    /// A route for requests that no declared route answers.
    func route(errors: ErrorStyle?, _ handler: @escaping Handler) -> Route {
        Route(label: nil, errors: errors, handler: outer(handler))
    }

    // Both below are loops and not `reduce`, through whose generic result every call would pass a thunk.

    private func wrap(_ handler: @escaping Handler, in middleware: [any Middleware]) -> Handler {
        var handler = handler
        for middleware in middleware.reversed() {
            let next = handler
            handler = { request in try await middleware.respond(to: request, next: next) }
        }
        return handler
    }

    /// Puts the router's middleware around `handler`. Errors become responses below each of them, so that every
    /// middleware sees the answer that the client gets, whoever failed.
    private func outer(_ handler: @escaping Handler) -> Handler {
        let log = log
        var answering: Handler = { request in
            do {
                return try await handler(request)
            } catch {
                return errorResponse(error, request, log)
            }
        }
        for middleware in middleware.reversed() {
            let next = answering
            answering = { request in
                do {
                    return try await middleware.respond(to: request, next: next)
                } catch {
                    return errorResponse(error, request, log)
                }
            }
        }
        return answering
    }
}

/// The answer to an error, in the form of the route. What is no `Failure` is our own fault and is logged.
private func errorResponse(_ error: any Error, _ request: Request, _ log: Log) -> Response {
    let failure = failure(for: error, request)
    if failure.status >= 500 {
        log.error(
            "request failed",
            [
                "method": request.method.rawValue, "path": request.path, "status": "\(failure.status)",
                "error": "\(error)",
            ],
        )
    }
    var response = request.route?.errors?(failure, request) ?? .problem(failure)
    if let retryAfter = failure.retryAfter {
        response.headers.setIfAbsent("Retry-After", "\(max(1, Int(retryAfter.seconds.rounded(.up))))")
    }
    if let fields = (failure as? any LimitFailure)?.fields { response.tell(fields) }
    if case .methodNotAllowed(let allowed) = failure as? HTTPError {
        response.headers.setIfAbsent("Allow", allowed.map(\.rawValue).joined(separator: ", "))
    }
    if response.status == 401 { response.headers.setIfAbsent("WWW-Authenticate", "Bearer") }
    return response
}

private func failure(for error: any Error, _ request: Request) -> any Failure {
    switch request.control?.ending {
    case .left: return ClientLeft()
    case .outOfTime where error is CancellationError: return HTTPError.handlerTimeout
    case .stopping where error is CancellationError: return HTTPError.stopping
    default: break
    }
    if let failure = error as? any Failure { return failure }
    if error is ConnectionClosed { return ClientLeft() }
    return error is CancellationError ? HTTPError.stopping : InternalError()
}

/// Something that should not happen did; the log has the reason.
private struct InternalError: Failure {
    var status: Int { 500 }
    var code: String { "internal" }
    var message: String { "Something went wrong on our side. Try again; if it stays, tell us the request id." }
}

/// Nobody reads this answer; the status is what nginx logs for a client that closed the connection.
private struct ClientLeft: Failure {
    var status: Int { 499 }
    var code: String { "client_left" }
    var message: String { "The client closed the connection." }
}
