import Kernel
import Synchronization

/// A unit of work in a trace: a request, a try of a job, a statement. Ended once; then it is on its way to the collector.
///
/// The running one is ``current``. Code below it adds what it does with ``leaf(_:kind:since:problem:_:)`` or
/// ``child(_:kind:_:)``, and costs next to nothing while nobody traces.
package final class Span: Sendable {
    /// Which side of a call the span is (OpenTelemetry `SpanKind`).
    package enum Kind: Int, Sendable {
        case `internal` = 1
        case server, client, producer, consumer
    }

    /// The span of the running work; `nil` when nothing is traced.
    @TaskLocal package static var current: Span?

    /// What travels on to other processes.
    package let context: TraceContext
    private let name: StaticString
    private let kind: Kind
    private let parentID: String?
    private let clock: SpanClock
    private let start: ContinuousClock.Instant
    /// Nobody, when the trace is not sampled.
    private let recorder: SpanExporter?
    private let attributes: Mutex<[(key: String, value: String)]>

    init(
        _ name: StaticString,
        kind: Kind,
        context: TraceContext,
        parentID: String?,
        clock: SpanClock,
        start: ContinuousClock.Instant,
        recorder: SpanExporter?,
        attributes: [(key: String, value: String)],
    ) {
        self.name = name
        self.kind = kind
        self.context = context
        self.parentID = parentID
        self.clock = clock
        self.start = start
        self.recorder = recorder
        self.attributes = Mutex(attributes)
    }

    /// Begins a span below this one, for a call whose other side goes on with the trace.
    package func child(
        _ name: StaticString,
        kind: Kind = .internal,
        _ attributes: @autoclosure () -> KeyValuePairs<String, String> = [:],
    ) -> Span {
        Span(
            name,
            kind: kind,
            context: TraceContext(below: context),
            parentID: context.spanID,
            clock: clock,
            start: .now,
            recorder: recorder,
            attributes: recorder == nil ? [] : attributes().map { ($0.key, $0.value) },
        )
    }

    /// Adds a span that has just ended below this one. `problem` is why it failed, if it did; it and the attributes
    /// hold no secrets.
    package func leaf(
        _ name: StaticString,
        kind: Kind = .internal,
        since start: ContinuousClock.Instant,
        problem: String? = nil,
        _ attributes: @autoclosure () -> KeyValuePairs<String, String> = [:],
    ) {
        guard let recorder else { return }
        recorder.add(
            SpanRecord(
                name: name.description,
                kind: kind,
                context: TraceContext(below: context),
                parentID: context.spanID,
                start: clock.nanoseconds(start),
                end: clock.nanoseconds(.now),
                problem: problem,
                attributes: attributes().map { ($0.key, $0.value) },
            )
        )
    }

    /// Adds a fact that is known only later.
    package func set(_ key: String, _ value: @autoclosure () -> String) {
        guard recorder != nil else { return }
        let value = value()
        attributes.withLock { $0.append((key, value)) }
    }

    /// Ends the span; `problem` is why it failed, if it did.
    package func end(problem: String? = nil) {
        guard let recorder else { return }
        recorder.add(
            SpanRecord(
                name: name.description,
                kind: kind,
                context: context,
                parentID: parentID,
                start: clock.nanoseconds(start),
                end: clock.nanoseconds(.now),
                problem: problem,
                attributes: attributes.withLock { $0 },
            )
        )
    }
}

/// A span that has ended.
struct SpanRecord: Sendable {
    let name: String
    let kind: Span.Kind
    let context: TraceContext
    let parentID: String?
    /// Nanoseconds since the epoch.
    let start: Int64
    let end: Int64
    let problem: String?
    let attributes: [(key: String, value: String)]
}

/// Turns instants into moments. One for all spans of a process within a trace, so that a step of the wall clock tears
/// no trace apart.
struct SpanClock: Sendable {
    private let wall: Timestamp
    private let instant = ContinuousClock.now

    init(_ wall: Timestamp) { self.wall = wall }

    func nanoseconds(_ moment: ContinuousClock.Instant) -> Int64 {
        let (seconds, attoseconds) = (moment - instant).components
        return wall.milliseconds * 1_000_000 + seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
