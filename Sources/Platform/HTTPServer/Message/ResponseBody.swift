import Kernel

/// The body of a response.
package enum ResponseBody: Sendable {
    case empty
    case bytes([UInt8])
    /// A part of an open file, sent by the kernel.
    case file(FileBody)
    /// The answer to HEAD: the length that a GET would have, if known, and no bytes.
    case head(length: Int?)
    /// Bytes made while they are sent. `heartbeat` is sent whenever nothing else was for 15 s.
    case stream(heartbeat: [UInt8]? = nil, @Sendable (ResponseWriter) async throws -> Void)

    /// How many bytes a GET of it carries; `nil` when nobody knows before the end.
    package var length: Int? {
        switch self {
        case .empty: 0
        case .bytes(let bytes): bytes.count
        case .file(let file): file.length
        case .head(let length): length
        case .stream: nil
        }
    }

    /// All bytes, for tests and for calls within the process.
    package func collect() async throws -> [UInt8] {
        switch self {
        case .empty, .head: return []
        case .bytes(let bytes): return bytes
        case .file(let file): return try file.read()
        case .stream(_, let produce):
            let sink = CollectingSink()
            try await produce(ResponseWriter(sink))
            return sink.bytes
        }
    }
}

/// Where a streamed body goes; the transport implements it.
package protocol ResponseSink: Sendable {
    /// Takes `bytes` and suspends while too many of them wait for the client.
    ///
    /// - Throws: ``ConnectionClosed`` when the client is gone, `CancellationError` when the task was cancelled.
    func write(_ bytes: [UInt8]) async throws
}

/// The client left before the answer was complete.
package struct ConnectionClosed: Error {
    package init() {}
}

/// Writes a streamed body.
package struct ResponseWriter: Sendable {
    private let sink: any ResponseSink

    package init(_ sink: any ResponseSink) { self.sink = sink }

    /// Sends `bytes`; suspends while the client is slow, so that memory stays flat.
    ///
    /// - Throws: ``ConnectionClosed`` when the client is gone, `CancellationError` when the task was cancelled.
    package func write(_ bytes: [UInt8]) async throws {
        if !bytes.isEmpty { try await sink.write(bytes) }
    }

    /// Sends text as UTF-8; see ``write(_:)``.
    package func write(_ text: String) async throws { try await write(Array(text.utf8)) }
}
