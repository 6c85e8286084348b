import Kernel

/// Where a unit of work stands in a trace, as it travels between processes: W3C Trace Context, level 1
/// (https://www.w3.org/TR/trace-context-1/).
package struct TraceContext: Sendable, Hashable {
    /// The id that all spans of a trace share, 32 lower-case hexadecimal digits, not all zero.
    package let traceID: String
    /// The id of the span, 16 lower-case hexadecimal digits, not all zero.
    package let spanID: String
    /// Whether the spans of this trace are kept.
    package let isSampled: Bool

    /// A trace of its own.
    init(isSampled: Bool) {
        traceID = Self.id(digits: 32)
        spanID = Self.id(digits: 16)
        self.isSampled = isSampled
    }

    /// A span below `parent`.
    init(below parent: TraceContext) {
        traceID = parent.traceID
        spanID = Self.id(digits: 16)
        isSampled = parent.isSampled
    }

    /// Reads a `traceparent` header; `nil` for one that is malformed, which W3C asks to treat as absent. Versions after
    /// 00 may carry more behind a dash.
    package init?(traceparent text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, let version = hexadecimal(parts[0], digits: 2), version != "ff" else { return nil }
        guard version != "00" || parts.count == 4 else { return nil }
        guard let trace = hexadecimal(parts[1], digits: 32), let span = hexadecimal(parts[2], digits: 16),
            let flags = hexadecimal(parts[3], digits: 2).flatMap({ UInt8($0, radix: 16) })
        else { return nil }
        guard trace.contains(where: { $0 != "0" }), span.contains(where: { $0 != "0" }) else { return nil }
        traceID = trace
        spanID = span
        isSampled = flags & 1 == 1
    }

    /// The header for what this span calls.
    package var traceparent: String { "00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")" }

    private static func id(digits: Int) -> String {
        while true {
            let text = (0..<digits / 16).map { _ in hexadecimal(.random(in: .min ... .max)) }.joined()
            if text.contains(where: { $0 != "0" }) { return text }
        }
    }
}

private func hexadecimal(_ number: UInt64) -> String {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }.hexadecimal
}

/// The text when it is that many lower-case hexadecimal digits.
private func hexadecimal(_ text: Substring, digits: Int) -> String? {
    guard text.utf8.count == digits else { return nil }
    let isHexadecimal = text.utf8.allSatisfy {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
    }
    return isHexadecimal ? String(text) : nil
}
