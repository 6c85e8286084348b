import Kernel
import Telemetry

/// Gives every request an id, which logs and answers carry. A client's own id is kept when it is harmless.
package struct RequestIDMiddleware: Middleware {
    package init() {}

    package func respond(to request: Request, next: Handler) async throws -> Response {
        let id =
            given(request, "X-Request-ID") ?? given(request, "X-Correlation-ID") ?? given(request, "X-Trace-ID")
            ?? ID<Request>().description
        let (trace, correlation) = (given(request, "X-Trace-ID") ?? id, given(request, "X-Correlation-ID") ?? id)
        var response = try await RequestID.$current.withValue(id) { try await next(named(request, id)) }
        response.headers.append("X-Request-ID", id)
        response.headers.append("X-Trace-ID", trace)
        response.headers.append("X-Correlation-ID", correlation)
        return response
    }

    private func named(_ request: Request, _ id: String) -> Request {
        var request = request
        request.id = id
        return request
    }

    /// 1 to 128 of the characters that no log or header can be broken with.
    private func given(_ request: Request, _ name: String) -> String? {
        guard let text = request.headers[name], (1...128).contains(text.utf8.count) else { return nil }
        return text.utf8.allSatisfy { isTokenByte($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "/") }
            ? text : nil
    }
}
