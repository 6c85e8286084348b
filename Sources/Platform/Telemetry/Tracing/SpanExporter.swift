import Kernel
import Synchronization

/// Sends ended spans to a collector, in batches: every five seconds, sooner when many wait, and at the end. A collector
/// that is away costs spans, never requests: at most 2,048 wait, and what is lost is counted.
package final class SpanExporter: Service {
    /// Delivers one OTLP/HTTP body; throws when the collector did not take it.
    package typealias Send = @Sendable ([UInt8]) async throws -> Void

    private struct State {
        var waiting: [SpanRecord] = []
        var isWoken = false
        var wake: CheckedContinuation<Void, Never>?

        /// The sleeper to resume; without one the next sleep ends at once.
        mutating func takeWake() -> CheckedContinuation<Void, Never>? {
            isWoken = true
            defer { wake = nil }
            return wake
        }
    }

    package var name: String { "span exporter" }
    private let state = Mutex(State())
    private let exported: Counter
    private let dropped: Counter
    private let log: Log
    private let resource: KeyValuePairs<String, String>
    private let send: Send
    private let time: any TimeSource

    static let maxWaiting = 2048
    static let batch = 512
    static let interval = Duration.seconds(5)

    /// `resource` names this process to the collector (`service.name`, `service.version`).
    package init(
        resource: KeyValuePairs<String, String>,
        log: Log,
        metrics: Metrics,
        time: any TimeSource,
        send: @escaping Send,
    ) {
        self.resource = resource
        self.log = log
        self.time = time
        self.send = send
        exported = metrics.counter("trace_spans_exported_total", "Spans that the collector took.")
        dropped = metrics.counter("trace_spans_dropped_total", "Spans lost, because the collector was away or slow.")
    }

    func add(_ span: SpanRecord) {
        let wake = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.waiting.count < Self.maxWaiting else {
                dropped.add()
                return nil
            }
            state.waiting.append(span)
            return state.waiting.count == Self.batch ? state.takeWake() : nil
        }
        wake?.resume()
    }

    package func run() async throws {
        while !Task.isCancelled {
            await pause()
            await flush()
        }
        await flush()
    }

    /// Returns after the interval, when a batch is full, or when the task is cancelled.
    private func pause() async {
        let timer = Task { [time] in
            try? await time.sleep(until: time.now + Self.interval)
            wake()
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isWoken = state.withLock { state in
                    if state.isWoken { return true }
                    state.wake = continuation
                    return false
                }
                if isWoken { continuation.resume() }
            }
        } onCancel: {
            wake()
        }
        state.withLock { $0.isWoken = false }
        timer.cancel()
    }

    private func wake() { state.withLock { $0.takeWake() }?.resume() }

    /// Sends what waits. The last flush runs in a cancelled task, so that sending gets one of its own.
    private func flush() async {
        while true {
            let spans = state.withLock { state in
                let spans = Array(state.waiting.prefix(Self.batch))
                state.waiting.removeFirst(spans.count)
                return spans
            }
            guard !spans.isEmpty else { return }
            await Task { await deliver(spans) }.value
        }
    }

    private func deliver(_ spans: [SpanRecord]) async {
        do {
            try await send(otlpRequest(spans, resource: resource))
            exported.add(Double(spans.count))
        } catch {
            dropped.add(Double(spans.count))
            log.warning("spans lost", ["spans": "\(spans.count)", "problem": "\(error)"])
        }
    }
}
