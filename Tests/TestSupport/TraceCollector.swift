import HTTPServer
import Kernel

/// A collector of OTLP traces that remembers what it got.
package final class TraceCollector: Sendable {
    private let bodies = Recorder<JSON>()
    private let headers = Recorder<String>()
    private let server: LocalServer

    package init() throws {
        let (bodies, headers) = (bodies, headers)
        server = try LocalServer { router in
            router.post("/v1/traces") { request in
                headers.add(request.headers["Authorization"] ?? "")
                bodies.add(try JSON(parsing: try await request.body.collect(upTo: 4 << 20)))
                return .json([:])
            }
        }
    }

    /// What `OTEL_EXPORTER_OTLP_ENDPOINT` names.
    package var url: String { server.url }

    /// Every span so far, with the name of the service that sent it as `service`.
    package var spans: [JSON] {
        bodies.all.flatMap { $0["resourceSpans"]?.array ?? [] }.flatMap { resource in
            let service = attribute("service.name", of: resource["resource"])
            return (resource["scopeSpans"]?.array ?? []).flatMap { $0["spans"]?.array ?? [] }
                .map { $0.merging(["service": JSON(service)]) }
        }
    }

    /// The `Authorization` of every request so far.
    package var authorizations: [String] { headers.all }
}

/// An attribute of a span or a resource.
package func attribute(_ name: String, of described: JSON?) -> String? {
    described?["attributes"]?.array?.first { $0["key"]?.string == name }?["value"]?["stringValue"]?.string
}
