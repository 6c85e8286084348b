import HTTPServer
import Kernel
import TestSupport
import Testing

/// Traces as a collector and other servers get them.
@Suite(.timeLimit(.minutes(5)))
struct TracingTests {
    private let trace = String(repeating: "ab", count: 16)
    private let collector: TraceCollector

    init() throws { collector = try TraceCollector() }

    /// Sent with a request, it makes it part of ``trace``.
    private var caller: [String: String] { ["traceparent": "00-\(trace)-cdcdcdcdcdcdcdcd-01"] }
    private var exporting: [String: String] { ["OTEL_EXPORTER_OTLP_ENDPOINT": collector.url] }
    private var spans: [JSON] { collector.spans.filter { $0["traceId"]?.string == trace } }

    @Test func oneTraceGoesFromTheRequestOverTheJobOfAnotherProcessToPostgreSQLAndS3() async throws {
        let (stores, bucket) = try await distributed()
        let redis = try await RedisServer.start()
        let settings = stores.merging(exporting) { $1 }.merging([
            "REDIS_URL": redis.url, "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20word",
        ]) { $1 }
        let worker = try await RunningWorker(environment: settings.merging(["SERVICE_NAME": "worker"]) { $1 })
        let server = try await RunningServer(
            environment: settings.merging(["SERVICE_NAME": "front"]) { $1 },
            arguments: ["--no-workers"],
        )
        let client = Client(server)
        let upload = try await client.upload(fixture("photo.jpg"), headers: caller)
        #expect(upload[header: "traceparent"]?.hasPrefix("00-\(trace)-") == true)
        #expect(try await client.finished(job: #require(upload.json["job_id"]?.string))["status"] == "completed")
        #expect(await server.stop() == 0)  // the last spans leave at the end
        #expect(await worker.stop() == 0)

        let request = try #require(spans.first { $0["name"] == "HTTP request" })
        #expect(request["parentSpanId"]?.string == "cdcdcdcdcdcdcdcd")
        #expect(attribute("http.route", of: request) == "/api/v1/images/upload")
        #expect(attribute("http.response.status_code", of: request) == "202")
        let job = try #require(spans.first { $0["name"] == "job" })
        #expect(job["parentSpanId"] == request["spanId"])
        #expect(attribute("job.kind", of: job) == "images.make_variants")
        #expect(request["service"] == "front" && job["service"] == "worker")
        for parent in [request, job] {
            let children = spans.filter { $0["parentSpanId"] == parent["spanId"] && $0["name"] != "job" }
            let names = children.compactMap { $0["name"]?.string }
            #expect(names.contains("database") && names.contains("storage"), "\(names)")
            #expect(children.allSatisfy { $0["service"] == parent["service"] })
        }
        let known = Set(spans.compactMap { $0["spanId"]?.string } + ["cdcdcdcdcdcdcdcd"])
        #expect(spans.allSatisfy { known.contains($0["parentSpanId"]?.string ?? "") }, "none stands alone")
        #expect(Set(collector.authorizations) == ["Bearer word"])
        #expect(!server.output.contains("Bearer"))

        let stored = try await bucket.requests().filter { $0["method"] == "PUT" }
        #expect(!stored.isEmpty)
        #expect(stored.allSatisfy { $0["headers"]?["traceparent"] == nil }, "S3 goes on with no trace")
    }

    @Test func whoIsCalledWhenATranslationIsFinishedHearsOfItsTrace() async throws {
        let (calls, heard) = (Recorder<String>(), Tally())
        let receiver = try LocalServer { router in
            router.post("/hook") { request in
                calls.add(request.headers["traceparent"] ?? "none")
                heard.add()
                return .text("", status: 204)
            }
        }
        let folder = try await drawnSign()
        let server = try await RunningServer(
            environment: exporting.merging(["PICTOR_TRANSLATION_ALLOWED_NETWORKS": "127.0.0.0/8"]) { $1 }
        )
        let begun = try await Client(server).translate(
            sign(in: folder),
            fields: ["webhook_url": JSON("\(receiver.url)/hook")],
            headers: caller,
        )
        #expect(begun.status == 200, "\(begun.text)")
        await heard.until(1)
        #expect(await server.stop() == 0)

        let call = try #require(spans.first { $0["name"] == "webhook" })
        #expect(try calls.all == ["00-\(trace)-\(#require(call["spanId"]?.string))-01"])
        var path: [String] = []
        var parent = call["parentSpanId"]
        while let span = spans.first(where: { $0["spanId"] == parent }) {
            path.append(attribute("job.kind", of: span) ?? attribute("http.route", of: span) ?? "")
            parent = span["parentSpanId"]
        }
        // This machine translates where it reads.
        #expect(path == ["translation.webhook", "translation.render", "translation.read", "/api/v1/translate"])
    }
}
