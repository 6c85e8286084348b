import Kernel

/// Structured logging: the message is a constant, values go into fields with dotted keys and units.
///
/// `info` is one line per unit of work; `error` means somebody must look. A secret never reaches a log because
/// ``Kernel/Secret`` prints `****`.
package struct Log: Sendable {
    /// How much a line matters; lines below the log's level are not made.
    package enum Level: String, Sendable, CaseIterable, Comparable {
        case debug, info, warning, error

        package static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }
        private var rank: Int {
            switch self {
            case .debug: 0
            case .info: 1
            case .warning: 2
            case .error: 3
            }
        }
    }

    private let sink: LogSink
    private let fields: [(key: String, value: String)]

    package init(_ sink: LogSink) {
        self.sink = sink
        fields = []
    }

    private init(_ sink: LogSink, _ fields: [(key: String, value: String)]) {
        self.sink = sink
        self.fields = fields
    }

    /// A log that writes nothing, for tests and tools.
    package static let silent = Log(LogSink(format: .json, level: .error) { _ in })

    /// This log with `fields` on every line.
    package func with(_ more: KeyValuePairs<String, String>) -> Log {
        Log(sink, fields + more.map { ($0.key, $0.value) })
    }

    /// For whoever looks for a mistake; off by default.
    package func debug(_ message: StaticString, _ fields: @autoclosure () -> KeyValuePairs<String, String> = [:]) {
        write(.debug, message, fields)
    }

    /// One line per unit of work.
    package func info(_ message: StaticString, _ fields: @autoclosure () -> KeyValuePairs<String, String> = [:]) {
        write(.info, message, fields)
    }

    /// Something is odd and goes on.
    package func warning(_ message: StaticString, _ fields: @autoclosure () -> KeyValuePairs<String, String> = [:]) {
        write(.warning, message, fields)
    }

    /// Somebody must look; written at once.
    package func error(_ message: StaticString, _ fields: @autoclosure () -> KeyValuePairs<String, String> = [:]) {
        write(.error, message, fields)
    }

    private func write(_ level: Level, _ message: StaticString, _ more: () -> KeyValuePairs<String, String>) {
        guard level >= sink.level else { return }
        sink.write(
            LogRecord(level: level, message: message, context: fields, fields: more(), requestID: RequestID.current)
        )
    }
}

/// The id of the request that caused the running work, also inside jobs; on every log line and every answer.
package enum RequestID {
    @TaskLocal package static var current: String?
}
