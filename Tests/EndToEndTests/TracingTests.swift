import Kernel
import TestSupport
import Testing

/// Traces as a collector gets them.
@Suite(.timeLimit(.minutes(5)))
struct TracingTests {
    @Test func oneTraceGoesFromTheRequestOverTheJobToSQLAndFiles() async throws {
        let collector = try TraceCollector()
        let server = try await RunningServer(environment: [
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20word",
        ])
        let client = Client(server)
        let trace = String(repeating: "ab", count: 16)
        let upload = try await client.upload(
            fixture("photo.jpg"),
            headers: ["traceparent": "00-\(trace)-cdcdcdcdcdcdcdcd-01"],
        )
        #expect(upload[header: "traceparent"]?.hasPrefix("00-\(trace)-") == true)
        #expect(try await client.finished(job: #require(upload.json["job_id"]?.string))["status"] == "completed")
        #expect(await server.stop() == 0)  // the last spans leave at the end

        let spans = collector.spans.filter { $0["traceId"]?.string == trace }
        let request = try #require(spans.first { $0["name"] == "HTTP request" })
        #expect(request["parentSpanId"]?.string == "cdcdcdcdcdcdcdcd")
        #expect(attribute("http.route", of: request) == "/api/v1/images/upload")
        #expect(attribute("http.response.status_code", of: request) == "202")
        let job = try #require(spans.first { $0["name"] == "job" })
        #expect(job["parentSpanId"] == request["spanId"])
        #expect(attribute("job.kind", of: job) == "images.make_variants")
        for parent in [request, job] {
            let names = spans.filter { $0["parentSpanId"] == parent["spanId"] }.compactMap { $0["name"]?.string }
            #expect(names.contains("database") && names.contains("storage"), "\(names)")
        }
        #expect(Set(collector.authorizations) == ["Bearer word"])
        #expect(!server.output.contains("Bearer"))
    }

    private func attribute(_ name: String, of span: JSON) -> String? {
        span["attributes"]?.array?.first { $0["key"]?.string == name }?["value"]?["stringValue"]?.string
    }
}
