import Kernel
import Telemetry

/// Makes every request a span, below the caller's when it sends `traceparent`, and names it in the answer's
/// `traceparent`, so that a client can find what it asked for.
package struct TracingMiddleware: Middleware {
    private let tracer: Tracer

    package init(_ tracer: Tracer) { self.tracer = tracer }

    package func respond(to request: Request, next: Handler) async throws -> Response {
        guard let span = begin(request) else { return try await next(request) }
        return try await traced(request, span, next)
    }

    private func begin(_ request: Request) -> Span? {
        tracer.begin(
            "HTTP request",
            kind: .server,
            parent: request.headers["traceparent"].flatMap(TraceContext.init(traceparent:)),
            [
                "http.request.method": request.method.metricLabel, "http.route": request.routePattern ?? "none",
                "url.path": request.path, "request.id": request.id,
            ],
        )
    }

    /// Not inlined: most servers trace nothing, and would keep for every request what it needs.
    @inline(never)
    private func traced(_ request: Request, _ span: Span, _ next: Handler) async throws -> Response {
        do {
            var response = try await Span.$current.withValue(span) { try await next(request) }
            response.headers.append("traceparent", span.context.traceparent)
            span.set("http.response.status_code", decimalText(response.status))
            span.end(problem: response.status >= 500 ? "status \(response.status)" : nil)
            return response
        } catch {
            span.end(problem: "\(type(of: error))")
            throw error
        }
    }
}
