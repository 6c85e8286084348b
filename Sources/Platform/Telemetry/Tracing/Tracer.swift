import Kernel

/// Begins the spans that have no parent in this process: requests that come in, tries of jobs.
package struct Tracer: Sendable {
    private let exporter: SpanExporter?
    private let ratio: Double
    private let time: any TimeSource

    /// - Parameters:
    ///   - exporter: Where the spans go.
    ///   - ratio: The share of traces that begin here and are kept, 0...1; a trace that began elsewhere is kept when
    ///     its caller keeps it.
    ///   - time: The wall clock.
    package init(_ exporter: SpanExporter, ratio: Double, time: any TimeSource) {
        self.exporter = exporter
        self.ratio = ratio
        self.time = time
    }

    private init() {
        exporter = nil
        ratio = 0
        time = SystemTime()
    }

    /// Traces nothing, and costs nothing.
    package static let off = Tracer()

    /// Begins a span whose parent, if any, is in another process or in the past; `nil` when tracing is off.
    package func begin(
        _ name: StaticString,
        kind: Span.Kind,
        parent: TraceContext?,
        _ attributes: @autoclosure () -> KeyValuePairs<String, String> = [:],
    ) -> Span? {
        guard let exporter else { return nil }
        let context =
            parent.map(TraceContext.init(below:)) ?? TraceContext(isSampled: Double.random(in: 0..<1) < ratio)
        return Span(
            name,
            kind: kind,
            context: context,
            parentID: parent?.spanID,
            clock: SpanClock(time.now),
            start: .now,
            recorder: context.isSampled ? exporter : nil,
            attributes: context.isSampled ? attributes().map { ($0.key, $0.value) } : [],
        )
    }
}
