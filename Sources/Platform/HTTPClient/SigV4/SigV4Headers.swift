/// The headers that a signature covers, in their canonical form.
struct SigV4Headers {
    /// `host;x-amz-date`
    let names: String
    /// A line for each name, each with its line end.
    let lines: String

    /// What proxies on the way may change, or the client adds after signing.
    private static let unsigned: Set<String> = [
        "authorization", "baggage", "connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization",
        "te", "traceparent", "tracestate", "trailer", "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id",
    ]

    init(_ headers: HTTPHeaders, host: String) {
        var values: [String: [String]] = [:]
        for field in headers.fields {
            let name = field.name.lowercased()
            if !Self.unsigned.contains(name) { values[name, default: []].append(collapsed(field.value)) }
        }
        if values["host"] == nil { values["host"] = [host] }
        let sorted = values.sorted { $0.key < $1.key }
        names = sorted.map(\.key).joined(separator: ";")
        lines = sorted.map { "\($0.key):\($0.value.joined(separator: ","))\n" }.joined()
    }
}

/// Without spaces at its ends, and with one where several stood.
private func collapsed(_ value: String) -> String {
    value.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
}
