/// Writes server-sent events (the HTML standard, 9.2).
package struct EventWriter: Sendable {
    private let writer: ResponseWriter

    init(_ writer: ResponseWriter) { self.writer = writer }

    /// Sends one event.
    ///
    /// - Parameters:
    ///   - event: What the page listens for; `nil` is `message`.
    ///   - data: The text; its lines arrive joined by line feeds.
    ///   - id: What a reconnecting client sends back as `Last-Event-ID`.
    /// - Throws: ``ConnectionClosed`` when the client is gone, `CancellationError` when the task was cancelled.
    package func send(event: String? = nil, data: String, id: String? = nil) async throws {
        var text = ""
        if let event { text += "event: \(singleLine(event))\n" }
        if let id { text += "id: \(singleLine(id))\n" }
        for line in data.split(omittingEmptySubsequences: false, whereSeparator: endsEventLine) {
            text += "data: \(line)\n"
        }
        try await writer.write(text + "\n")
    }

    /// Tells the client how long to wait before it connects again.
    package func setRetry(after milliseconds: Int) async throws {
        try await writer.write("retry: \(milliseconds)\n\n")
    }

    private func singleLine(_ text: String) -> String { text.filter { !endsEventLine($0) && $0 != "\0" } }
}

/// Whether an event stream ends its line there. Other separators of lines, such as U+2028, are data.
private func endsEventLine(_ character: Character) -> Bool {
    character == "\n" || character == "\r" || character == "\r\n"
}

extension Response {
    /// Server-sent events until `body` returns. A comment goes out whenever nothing else did for 15 s, so that proxies
    /// keep the connection and a client that left is noticed.
    package static func events(_ body: @escaping @Sendable (EventWriter) async throws -> Void) -> Response {
        Response(
            headers: [
                "Content-Type": "text/event-stream", "Cache-Control": "no-store",
                // nginx would collect the events otherwise.
                "X-Accel-Buffering": "no",
            ],
            body: .stream(heartbeat: Array(": keep-alive\n\n".utf8)) { writer in try await body(EventWriter(writer)) },
        )
    }
}
