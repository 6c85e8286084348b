import FoundationEssentials
import Glibc

/// What a person at a terminal reads.
enum Terminal {
    /// Whether standard error is a terminal that a person watches, so that colour and progress make sense.
    static let isInteractive = isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"

    /// Whether colour is wanted (https://no-color.org).
    static let hasColour = isInteractive && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty

    /// One line to standard output.
    static func print(_ text: String) { write(text + (text.hasSuffix("\n") ? "" : "\n"), to: STDOUT_FILENO) }

    /// One line to standard error.
    static func printError(_ text: String) { write(text + (text.hasSuffix("\n") ? "" : "\n"), to: STDERR_FILENO) }

    /// Text to standard error as it is, for lines that are drawn over.
    static func draw(_ text: String) { write(text, to: STDERR_FILENO) }

    /// Green, red or dim text, plain where colour is not wanted.
    static func green(_ text: String) -> String { hasColour ? "\u{1B}[32m\(text)\u{1B}[0m" : text }
    static func red(_ text: String) -> String { hasColour ? "\u{1B}[31m\(text)\u{1B}[0m" : text }
    static func dim(_ text: String) -> String { hasColour ? "\u{1B}[2m\(text)\u{1B}[0m" : text }

    /// Rows under a head, in columns as wide as their widest cell; the last one runs free.
    static func table(_ head: [String], _ rows: [[String]]) -> String {
        let widths = head.indices.map { column in ([head] + rows).map { $0[column].count }.max() ?? 0 }
        return ([head] + rows).map { row in
            let cells = row.enumerated().map { column, cell in
                column == row.count - 1 ? cell : cell.padding(to: widths[column])
            }
            return cells.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }
}

extension String {
    /// The text with spaces behind it, up to that many characters.
    fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
