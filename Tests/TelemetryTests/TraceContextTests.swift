import Testing

@testable import Telemetry

struct TraceContextTests {
    private let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private let span = "00f067aa0ba902b7"

    @Test("a traceparent header is read and written unchanged", arguments: ["00", "01"])
    func roundTrip(flags: String) throws {
        let text = "00-\(trace)-\(span)-\(flags)"
        let context = try #require(TraceContext(traceparent: text))
        #expect(context.traceID == trace)
        #expect(context.spanID == span)
        #expect(context.isSampled == (flags == "01"))
        #expect(context.traceparent == text)
    }

    @Test("a later version may carry more, and of its flags only the first counts")
    func laterVersion() {
        #expect(TraceContext(traceparent: "cc-\(trace)-\(span)-03-what-comes")?.isSampled == true)
        #expect(TraceContext(traceparent: "cc-\(trace)-\(span)-02")?.isSampled == false)
    }

    @Test(
        "a malformed header is no header",
        arguments: [
            "", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
            "00-４bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ],
    )
    func malformed(text: String) {
        #expect(TraceContext(traceparent: text) == nil)
    }

    @Test("ids are new, and a child stays in its trace")
    func ids() {
        let root = TraceContext(isSampled: true)
        let child = TraceContext(below: root)
        #expect(TraceContext(traceparent: root.traceparent) == root)
        #expect(child.traceID == root.traceID)
        #expect(child.spanID != root.spanID)
        #expect(child.isSampled)
        #expect(TraceContext(isSampled: true).traceID != root.traceID)
    }
}
