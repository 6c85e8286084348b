import Glibc
import Kernel
import Synchronization

/// Where log lines go. Lines are collected and written together: at 64 KiB, after 100 ms, and at once for errors.
package final class LogSink: Sendable {
    package enum Format: String, Sendable, CaseIterable {
        case json, human
    }

    let level: Log.Level
    private let format: Format
    private let output: @Sendable ([UInt8]) -> Void
    private let buffer = Mutex<[UInt8]>([])

    /// `output`: Takes whole lines, one call at a time.
    package init(format: Format, level: Log.Level, output: @escaping @Sendable ([UInt8]) -> Void) {
        self.format = format
        self.level = level
        self.output = output
    }

    /// A sink on standard error, flushed by a thread of its own. One per process.
    package static func standardError(format: Format, level: Log.Level) -> LogSink {
        let sink = LogSink(format: format, level: level) { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let written = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
                guard written > 0 else { return }  // nobody reads standard error any more
                rest = rest.dropFirst(written)
            }
        }
        startThread(name: "log") {
            while true {
                usleep(100_000)
                sink.flush()
            }
        }
        return sink
    }

    /// Writes what is collected. Call it before the process ends.
    package func flush() {
        buffer.withLock { buffer in
            guard !buffer.isEmpty else { return }
            output(buffer)
            buffer.removeAll(keepingCapacity: true)
        }
    }

    func write(_ level: Log.Level, _ message: StaticString, _ fields: [(key: String, value: String)]) {
        let now = Timestamp.now()
        let line =
            switch format {
            case .json: jsonLine(now, level, message, fields)
            case .human: humanLine(now, level, message, fields)
            }
        let isFull = buffer.withLock { buffer in
            buffer += line
            return buffer.count > 65_536
        }
        if isFull || level == .error { flush() }
    }
}

private func jsonLine(
    _ now: Timestamp,
    _ level: Log.Level,
    _ message: StaticString,
    _ fields: [(key: String, value: String)],
) -> [UInt8] {
    let head: [(key: String, value: JSON)] = [
        ("time", .string(now.rfc3339)), ("level", .string(level.rawValue)), ("message", .string("\(message)")),
    ]
    return JSON.object(head + fields.map { ($0.key, .string($0.value)) }).bytes + "\n".utf8
}

private func humanLine(
    _ now: Timestamp,
    _ level: Log.Level,
    _ message: StaticString,
    _ fields: [(key: String, value: String)],
) -> [UInt8] {
    let time = now.rfc3339.dropFirst(11).prefix(12)
    let mark = level == .info ? " " : level == .debug ? "·" : level == .warning ? "!" : "✗"
    let values = fields.map { "  \($0.key)=\(quotedIfNeeded($0.value))" }.joined()
    return Array("\(time) \(mark) \(message)\(values)\n".utf8)
}

private func quotedIfNeeded(_ value: String) -> String {
    value.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "\"") && $0 != 0x7F } && !value.isEmpty
        ? value : JSON.string(value).text
}
