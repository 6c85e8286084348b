import HTTPClient
import HTTPServer
import Kernel
import Telemetry

/// Traces on their way to the collector that the settings name.
struct Tracing: Sendable {
    let tracer: Tracer
    let exporter: SpanExporter

    /// `nil` when no collector is named.
    init?(_ settings: EngineSettings, name: String, _ client: HTTPClient, log: Log, metrics: Metrics) {
        guard let endpoint = settings.otlpEndpoint else { return nil }
        let url = "\(endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint)/v1/traces"
        let headers = collectorHeaders(settings.otlpHeaders)
        exporter = SpanExporter(
            resource: ["service.name": name, "service.version": Program.version],
            log: log,
            metrics: metrics,
            time: SystemTime(),
        ) { body in
            var request = HTTPRequest(.post, url, headers: headers, body: .bytes(body))
            request.headers["Content-Type"] = "application/json"
            request.timeouts.total = .seconds(10)
            let response = try await client.send(request)
            guard (200..<300).contains(response.status) else { throw CollectorRefused(status: response.status) }
        }
        tracer = Tracer(exporter, ratio: settings.traceRatio, time: SystemTime())
    }
}

private struct CollectorRefused: Error, CustomStringConvertible {
    let status: Int
    var description: String { "the collector answered \(status)" }
}

/// Reads `name=value,name=value`, values percent-encoded, as OpenTelemetry writes headers: a query with other marks.
private func collectorHeaders(_ text: Secret<String>?) -> HTTPHeaders {
    let query = (text?.reveal() ?? "").map { character in
        switch character {
        case ",": "&"
        case "+": "%2B"
        default: String(character)
        }
    }
    var headers: HTTPHeaders = [:]
    for (name, value) in Query(query.joined()) { headers[name.filter { $0 != " " }] = value }
    return headers
}
