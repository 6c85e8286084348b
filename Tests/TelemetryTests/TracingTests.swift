import Kernel
import TestSupport
import Testing

@testable import Telemetry

@Suite(.timeLimit(.minutes(5))) struct TracingTests {
    private let time = ManualTime()
    private let metrics = Metrics()
    private let sent = Recorder<[UInt8]>()

    private func exporter(_ send: SpanExporter.Send? = nil) -> SpanExporter {
        SpanExporter(
            resource: ["service.name": "pictor"],
            log: .silent,
            metrics: metrics,
            time: time,
            send: send ?? { [sent] in sent.add($0) },
        )
    }

    private func spans(_ bodies: [[UInt8]]) throws -> [JSON] {
        try bodies.flatMap { body in
            let resource = try #require(try JSON(parsing: body)["resourceSpans"]?.array?.first)
            return resource["scopeSpans"]?.array?.first?["spans"]?.array ?? []
        }
    }

    /// Runs `work` beside the exporter and ends it afterwards.
    private func exporting(_ exporter: SpanExporter, _ work: () async throws -> Void) async throws {
        let running = Task { try await exporter.run() }
        try await work()
        running.cancel()
        _ = await running.result
    }

    @Test("a span, what it did and its caller are one trace in the collector's form")
    func trace() async throws {
        let exporter = exporter()
        let tracer = Tracer(exporter, ratio: 0, time: time)
        let caller = try #require(
            TraceContext(traceparent: "00-\(String(repeating: "a", count: 32))-bbbbbbbbbbbbbbbb-01")
        )
        try await exporting(exporter) {
            let span = try #require(tracer.begin("request", kind: .server, parent: caller, ["path": "/a\"b"]))
            Span.$current.withValue(span) {
                Span.current?.leaf("database", kind: .client, since: .now, problem: "gone")
            }
            span.set("status", "200")
            span.end()
        }
        let spans = try spans(sent.all)
        #expect(spans.map { $0["name"]?.string } == ["database", "request"])
        #expect(spans.allSatisfy { $0["traceId"]?.string == caller.traceID })
        #expect(spans[1]["parentSpanId"]?.string == "bbbbbbbbbbbbbbbb")
        #expect(spans[0]["parentSpanId"] == spans[1]["spanId"])
        #expect(spans[1]["kind"] == 2)
        #expect(spans[0]["status"] == ["code": 2, "message": "gone"])
        #expect(
            spans[1]["attributes"] == [
                ["key": "path", "value": ["stringValue": "/a\"b"]], ["key": "status", "value": ["stringValue": "200"]],
            ]
        )
        let start = try #require(spans[1]["startTimeUnixNano"]?.string.flatMap(Int64.init))
        #expect(start / 1_000_000 == time.now.milliseconds)
    }

    @Test("a caller that keeps no spans gets none kept, and still hears where its trace goes on")
    func unsampled() async throws {
        let exporter = exporter()
        let caller = try #require(
            TraceContext(traceparent: "00-\(String(repeating: "a", count: 32))-bbbbbbbbbbbbbbbb-00")
        )
        try await exporting(exporter) {
            let span = try #require(
                Tracer(exporter, ratio: 1, time: time).begin("request", kind: .server, parent: caller)
            )
            #expect(span.context.traceID == caller.traceID)
            #expect(span.child("call", kind: .client).context.traceparent.hasSuffix("-00"))
            span.leaf("database", since: .now)
            span.end()
        }
        #expect(sent.all.isEmpty)
    }

    @Test("the share decides about traces that begin here")
    func ratio() throws {
        let exporter = exporter()
        for (ratio, isKept) in [(0.0, false), (1.0, true)] {
            let span = try #require(Tracer(exporter, ratio: ratio, time: time).begin("a", kind: .server, parent: nil))
            #expect(span.context.isSampled == isKept)
        }
        #expect(Tracer.off.begin("a", kind: .server, parent: nil) == nil)
    }

    @Test("spans leave after the interval, and sooner when a batch is full")
    func batches() async throws {
        let arrived = Gate(2)
        let exporter = exporter { [sent] body in
            sent.add(body)
            await arrived.meet()
        }
        let span = try #require(Tracer(exporter, ratio: 1, time: time).begin("a", kind: .server, parent: nil))
        try await exporting(exporter) {
            await time.untilSleepers(1)
            span.leaf("one", since: .now)
            time.advance(by: SpanExporter.interval)
            await arrived.meet()
        }
        #expect(try spans(sent.all).count == 1)
    }

    @Test("a collector that is away costs spans and is counted")
    func lost() async throws {
        struct Away: Error {}
        let exporter = exporter { _ in throw Away() }
        let span = try #require(Tracer(exporter, ratio: 1, time: time).begin("a", kind: .server, parent: nil))
        for _ in 0..<SpanExporter.maxWaiting + 3 { span.leaf("one", since: .now) }
        try await exporting(exporter) {}
        let text = String(decoding: metrics.render(), as: UTF8.self)
        #expect(text.contains("trace_spans_dropped_total \(SpanExporter.maxWaiting + 3)"))
    }
}
