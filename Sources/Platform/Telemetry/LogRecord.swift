import Kernel

/// One log line before it is text. A busy server writes one per request, so it goes straight into bytes.
struct LogRecord {
    let time = Timestamp.now()
    let level: Log.Level
    let message: StaticString
    let context: [(key: String, value: String)]
    let fields: KeyValuePairs<String, String>
    let requestID: String?

    func append(to out: inout [UInt8], as format: LogSink.Format) {
        switch format {
        case .json: appendJSON(to: &out)
        case .human: appendText(to: &out)
        }
        out.append(UInt8(ascii: "\n"))
    }

    private func appendJSON(to out: inout [UInt8]) {
        out += #"{"time":""#.utf8
        time.appendRFC3339(to: &out)
        out += #"","level":""#.utf8
        out += level.rawValue.utf8
        out += #"","message":"#.utf8
        JSON.appendQuoted(message.description, to: &out)
        forEachField { key, value in
            out.append(UInt8(ascii: ","))
            JSON.appendQuoted(key, to: &out)
            out.append(UInt8(ascii: ":"))
            JSON.appendQuoted(value, to: &out)
        }
        out.append(UInt8(ascii: "}"))
    }

    /// Such as `14:15:03.250   job done  job.kind=images.make_variants`.
    private func appendText(to out: inout [UInt8]) {
        var moment: [UInt8] = []
        time.appendRFC3339(to: &moment)
        out += moment.dropFirst(11).prefix(12)
        out += " \(level.mark) ".utf8
        message.withUTF8Buffer { out += $0 }
        forEachField { key, value in
            out += "  ".utf8
            out += key.utf8
            out.append(UInt8(ascii: "="))
            if isPlain(value) { out += value.utf8 } else { JSON.appendQuoted(value, to: &out) }
        }
    }

    private func forEachField(_ body: (String, String) -> Void) {
        for (key, value) in context { body(key, value) }
        for (key, value) in fields { body(key, value) }
        if let requestID { body("request.id", requestID) }
    }
}

extension Log.Level {
    fileprivate var mark: String {
        switch self {
        case .debug: "·"
        case .info: " "
        case .warning: "!"
        case .error: "✗"
        }
    }
}

/// Whether a value needs no quotes to be seen as one.
private func isPlain(_ value: String) -> Bool {
    !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "\"") && $0 != 0x7F }
}
