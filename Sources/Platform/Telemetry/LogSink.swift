import Glibc
import Kernel
import Synchronization

/// Where log lines go. Lines are collected and written together: at 64 KiB, after 100 ms, and at once for errors.
package final class LogSink: Sendable {
    /// One JSON object a line, or lines for a terminal.
    package enum Format: String, Sendable, CaseIterable {
        case json, human
    }

    let level: Log.Level
    private let format: Format
    private let output: @Sendable ([UInt8]) -> Void
    private let buffer = Mutex<[UInt8]>([])
    /// The lines that are being written; held while they are.
    private let writing = Mutex<[UInt8]>([])

    /// Formats lines of `level` and above for `output`, which takes whole lines, one call at a time.
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
        // Whoever logs waits only for the copy above, not for a slow reader of the output.
        writing.withLock { lines in
            buffer.withLock { swap(&$0, &lines) }
            guard !lines.isEmpty else { return }
            output(lines)
            lines.removeAll(keepingCapacity: true)
        }
    }

    func write(_ record: LogRecord) {
        var line: [UInt8] = []
        line.reserveCapacity(512)
        record.append(to: &line, as: format)
        let isFull = buffer.withLock { buffer in
            buffer += line
            return buffer.count > 65_536
        }
        if isFull || record.level == .error { flush() }
    }
}
