/// The head of a response as bytes.
struct ResponseHead {
    var bytes: [UInt8]

    init(_ response: Response, dateLine: [UInt8]) {
        bytes = []
        bytes.reserveCapacity(512 + response.headers.bytes.count)
        bytes += "HTTP/1.1 ".utf8
        appendDecimal(response.status, to: &bytes)
        bytes.append(UInt8(ascii: " "))
        bytes += reasonPhrase(of: response.status).utf8
        bytes += "\r\n".utf8
        bytes += dateLine
        response.headers.write(to: &bytes)
    }

    /// `Content-Length`, where the status lets a response have one (RFC 9110, 8.6).
    mutating func setLength(of response: Response) {
        guard response.status != 204, response.status != 304, let length = response.body.length else { return }
        bytes += "Content-Length: ".utf8
        appendDecimal(length, to: &bytes)
        bytes += "\r\n".utf8
    }

    /// Ends the head.
    mutating func setConnection(keepsAlive: Bool, isVersion11: Bool) {
        if !keepsAlive { add("Connection: close\r\n") } else if !isVersion11 { add("Connection: keep-alive\r\n") }
        bytes += "\r\n".utf8
    }

    mutating func add(_ line: StaticString) {
        line.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }
}
