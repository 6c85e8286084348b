@testable import HTTPServer

/// A response as it came over the wire.
struct RawReply: Sendable {
    var status = 0
    /// The head as sent, with its status line.
    var head = ""
    var body: [UInt8] = []

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The value of the first field of that name.
    subscript(name: String) -> String? { values(name).first }

    func values(_ name: String) -> [String] {
        head.split(separator: "\r\n").dropFirst().compactMap { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == name.lowercased() else { return nil }
            return parts[1].drop { $0 == " " }.description
        }
    }
}

/// Reads responses one after another from a connection.
struct ReplyReader {
    struct Cut: Error {}

    let client: RawClient
    private var buffer: [UInt8] = []

    init(_ client: RawClient) { self.client = client }

    /// The next response. `toHead` tells that the request was a HEAD, so that no body follows.
    mutating func next(toHead isHead: Bool = false) throws -> RawReply {
        var reply = try nextHead()
        let hasBody = !isHead && reply.status >= 200 && reply.status != 204 && reply.status != 304
        guard hasBody else { return reply }
        if reply["Transfer-Encoding"] == "chunked" {
            while true {
                let chunk = try nextChunk()
                if chunk.isEmpty { return reply }
                reply.body += chunk
            }
        }
        if let length = reply["Content-Length"].flatMap({ Int($0) }) {
            reply.body = try take(length)
        } else {
            reply.body = buffer + (try client.receiveAll())
            buffer = []
        }
        return reply
    }

    /// The head of the next response; what follows is read by the caller.
    mutating func nextHead() throws -> RawReply {
        let bytes = try takeLine(ending: "\r\n\r\n")
        var reply = RawReply()
        reply.head = String(decoding: bytes, as: UTF8.self)
        reply.status = reply.head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return reply
    }

    /// The data of one chunk; empty at the last.
    mutating func nextChunk() throws -> [UInt8] {
        let line = try takeLine(ending: "\r\n")
        let size = Int(String(decoding: line[..<(line.count - 2)], as: UTF8.self), radix: 16) ?? -1
        guard size >= 0 else { throw Cut() }
        let chunk = try take(size)
        _ = try take(2)
        return chunk
    }

    /// Whether the server has closed the connection, without sending anything else.
    mutating func isClosed() throws -> Bool {
        guard buffer.isEmpty else { return false }
        return try client.receive().isEmpty
    }

    private mutating func takeLine(ending: String) throws -> [UInt8] {
        let wanted = Array(ending.utf8)
        var searched = 0
        while true {
            if let end = buffer[searched...].firstIndex(of: wanted) { return try take(end + wanted.count) }
            searched = max(0, buffer.count - wanted.count + 1)
            try fill()
        }
    }

    private mutating func take(_ count: Int) throws -> [UInt8] {
        while buffer.count < count { try fill() }
        let taken = Array(buffer[..<count])
        buffer.removeFirst(count)
        return taken
    }

    private mutating func fill() throws {
        let piece = try client.receive()
        if piece.isEmpty { throw Cut() }
        buffer += piece
    }
}
