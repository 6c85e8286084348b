internal import CLinux

/// Reads the head of a request. Strict where leniency lets two programs see two different requests (request
/// smuggling): what RFC 9112 lets a server reject is rejected. Pure: bytes in, a verdict out.
struct HeadParser {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let limits: HeadLimits
    private var position = 0
    private var fields: [Headers.Field] = []

    private init(_ bytes: UnsafeBufferPointer<UInt8>, _ limits: HeadLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    /// Judges `bytes`, all that came since the last request.
    static func parse(_ bytes: UnsafeBufferPointer<UInt8>, limits: HeadLimits = HeadLimits()) -> HeadParse {
        // One empty line before the request line is ignored (RFC 9112, 2.2).
        let start = bytes.count >= 2 && bytes[0] == 13 && bytes[1] == 10 ? 2 : 0
        guard start < bytes.count else { return .incomplete }
        if bytes.count == 1, bytes[0] == 13 { return .incomplete }
        guard isTokenByte(bytes[start]) else { return .refused(.badRequest("This is not an HTTP request.")) }
        let end = clinux_find(bytes.baseAddress, bytes.count, "\r\n\r\n", 4)
        guard end >= 0 else {
            return bytes.count > limits.bytes ? .refused(.headersTooLarge(limitBytes: limits.bytes)) : .incomplete
        }
        let byteCount = end + 4
        guard byteCount <= limits.bytes else { return .refused(.headersTooLarge(limitBytes: limits.bytes)) }
        var parser = HeadParser(UnsafeBufferPointer(rebasing: bytes[..<byteCount]), limits)
        parser.position = start
        do throws(HTTPError) {
            return .complete(try parser.head(), byteCount: byteCount)
        } catch {
            return .refused(error)
        }
    }

    private mutating func head() throws(HTTPError) -> RequestHead {
        let method = try takeMethod()
        let target = try takeTarget()
        let isVersion11 = try takeVersion()
        fields.reserveCapacity(16)
        while bytes[position] != 13 { try takeField() }
        // The bytes end with the first empty line; a CR before it begins no such line.
        guard position == bytes.count - 2 else { throw .badRequest("A header line is malformed.") }
        let headers = Headers(bytes: Array(bytes), fields: fields)
        try checkHost(headers, isVersion11)
        return RequestHead(
            message: Request.Head(
                method: method,
                headers: headers,
                targetRange: target,
                target: RequestTarget(UnsafeBufferPointer(rebasing: bytes[target])),
            ),
            framing: try framing(headers, isVersion11),
            isVersion11: isVersion11,
            keepsAlive: !headers.listContains("Connection", "close")
                && (isVersion11 || headers.listContains("Connection", "keep-alive")),
            expectsContinue: isVersion11 && headers["Expect"]?.lowercased() == "100-continue",
        )
    }

    // MARK: The request line

    private mutating func takeMethod() throws(HTTPError) -> Method {
        let start = position
        while isTokenByte(bytes[position]) { position += 1 }
        guard bytes[position] == UInt8(ascii: " "), position > start, position - start <= 32 else { throw badLine }
        defer { position += 1 }
        return knownMethod(bytes[start..<position])
    }

    private mutating func takeTarget() throws(HTTPError) -> Range<Int> {
        let start = position
        while (0x21...0x7E).contains(bytes[position]) { position += 1 }
        guard bytes[position] == UInt8(ascii: " "), position > start else { throw badLine }
        defer { position += 1 }
        return start..<position
    }

    /// Reads `HTTP/1.1` or `HTTP/1.0` and the end of the line.
    private mutating func takeVersion() throws(HTTPError) -> Bool {
        let start = position
        while bytes[position] != 13 {
            guard !isControlByte(bytes[position]), position - start < 16 else { throw badLine }
            position += 1
        }
        guard bytes[position + 1] == 10 else { throw badLine }
        let version = bytes[start..<position]
        position += 2
        if version.elementsEqual("HTTP/1.1".utf8) { return true }
        if version.elementsEqual("HTTP/1.0".utf8) { return false }
        throw version.starts(with: "HTTP/".utf8) ? .unsupportedVersion : badLine
    }

    private var badLine: HTTPError { .badRequest("The request line is malformed.") }

    // MARK: Fields

    private mutating func takeField() throws(HTTPError) {
        guard fields.count < limits.fields else { throw .headersTooLarge(limitBytes: limits.bytes) }
        let nameStart = position
        while isTokenByte(bytes[position]) { position += 1 }
        // A space before the colon, or at the beginning of the line (obs-fold), ends here too.
        guard bytes[position] == UInt8(ascii: ":"), position > nameStart else {
            throw .badRequest("A header line is malformed.")
        }
        let nameEnd = position
        position += 1
        while isBlank(bytes[position]) { position += 1 }
        let valueStart = position
        while bytes[position] != 13 {
            guard !isControlByte(bytes[position]) else {
                throw .badRequest("A header value holds a control character.")
            }
            position += 1
        }
        guard bytes[position + 1] == 10 else { throw .badRequest("A header value holds a control character.") }
        var valueEnd = position
        while valueEnd > valueStart, isBlank(bytes[valueEnd - 1]) { valueEnd -= 1 }
        position += 2
        fields.append(
            Headers.Field(
                nameStart: UInt32(nameStart),
                nameLength: UInt32(nameEnd - nameStart),
                valueStart: UInt32(valueStart),
                valueLength: UInt32(valueEnd - valueStart),
            )
        )
    }

    private func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    /// Exactly one host on HTTP/1.1, at most one on 1.0, and nothing in it that ends an authority (RFC 9112, 3.2).
    private func checkHost(_ headers: Headers, _ isVersion11: Bool) throws(HTTPError) {
        let hosts = headers.all("Host")
        guard hosts.count == 1 || hosts.isEmpty && !isVersion11 else {
            throw .badRequest("Send exactly one Host header.")
        }
        guard hosts.allSatisfy({ isAuthority($0.utf8) }) else { throw .badRequest("The Host header is malformed.") }
    }

    // MARK: Framing

    private func framing(_ headers: Headers, _ isVersion11: Bool) throws(HTTPError) -> RequestHead.Framing {
        let codings = headers.all("Transfer-Encoding")
        let lengths = headers.all("Content-Length")
        if !codings.isEmpty {
            guard lengths.isEmpty else {
                throw .badRequest("Send either Content-Length or Transfer-Encoding, not both.")
            }
            guard isVersion11 else { throw .badRequest("HTTP/1.0 has no transfer codings.") }
            guard codings.count == 1, codings[0].lowercased() == "chunked" else { throw .unsupportedTransferCoding }
            return .chunked
        }
        guard let text = lengths.first else { return .none }
        // 18 digits fit an Int; a longer number is nobody's picture.
        guard lengths.count == 1, (1...18).contains(text.utf8.count),
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let length = Int(text)
        else { throw .badRequest("The Content-Length header is malformed.") }
        return length == 0 ? .none : .length(length)
    }
}

/// The constants share their storage, so that the usual methods cost no string.
private func knownMethod(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Method {
    for method in [Method.get, .post, .head, .options, .delete, .put, .patch]
    where bytes.elementsEqual(method.rawValue.utf8) {
        return method
    }
    return Method(rawValue: String(decoding: bytes, as: UTF8.self))
}
