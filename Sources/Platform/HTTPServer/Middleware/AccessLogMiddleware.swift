import Kernel
import Telemetry

/// Logs every request when its answer is ready, and counts it. The query is not logged: it may hold a signature.
package struct AccessLogMiddleware: Middleware {
    private let log: Log
    private let requests: Counter
    private let durations: Histogram
    private let inProgress: GaugeSeries
    private let errors: Counter
    /// Slower ones are logged as warnings.
    private let slow = Duration.seconds(1)

    package init(log: Log, metrics: Metrics) {
        self.log = log
        requests = metrics.counter("http_requests_total", "Requests answered.", labels: ["method", "route", "status"])
        durations = metrics.histogram(
            "http_request_duration_seconds",
            "From the end of the head to the answer.",
            labels: ["method", "route"],
        )
        inProgress = metrics.gauge("http_requests_in_progress", "Requests being answered.").at()
        errors = metrics.counter("errors_total", "Answers with a status of 500 or more.", labels: ["route"])
    }

    package func respond(to request: Request, next: Handler) async throws -> Response {
        let start = ContinuousClock.now
        inProgress.add(1)
        defer { inProgress.add(-1) }
        let response = try await next(request)
        record(request, response, ContinuousClock.now - start)
        return response
    }

    private func record(_ request: Request, _ response: Response, _ duration: Duration) {
        let route = request.routePattern ?? "none"
        let method = request.method.metricLabel
        requests.add(1, method, route, decimalText(response.status))
        durations.observe(duration, method, route)
        if response.status >= 500 { errors.add(1, route) }
        // A long poll or stream is meant to take long.
        let isSlow = duration >= slow && request.query.isEmpty
        let fields: KeyValuePairs<String, String> = [
            "method": method, "path": request.path, "status": decimalText(response.status),
            "duration.ms": milliseconds(duration), "client": request.peer.description,
        ]
        if isSlow { log.warning("slow request", fields) } else { log.info("request", fields) }
    }

    /// With one decimal: `0.4`.
    private func milliseconds(_ duration: Duration) -> String {
        let tenths = Int(duration / .microseconds(100))
        return "\(decimalText(tenths / 10)).\(decimalText(tenths % 10))"
    }
}
