import Kernel
import Telemetry

/// The methods that the client sends.
package enum HTTPMethod: String, Sendable, CaseIterable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"

    /// Whether doing it twice is as good as doing it once (RFC 9110, 9.2.2).
    package var isIdempotent: Bool { self != .post && self != .patch }
}

/// A call to another server. Everything that limits it has a default, and nothing is followed or repeated unasked.
package struct HTTPRequest: Sendable {
    package var method: HTTPMethod
    /// Absolute, `http` or `https`, with everything escaped that must be.
    package var url: String
    package var headers: HTTPHeaders
    package var body: HTTPRequestBody
    package var timeouts: HTTPTimeouts
    package var redirects: HTTPRedirects
    /// Whether it waits for a connection that is being opened rather than to open one more, to share it where the server
    /// speaks HTTP/2: for many slow calls of one server.
    package var sharesConnection = false
    package var retry: HTTPRetry
    /// The span that the call is, which the other server is told as `traceparent` (W3C Trace Context) so that it can go
    /// on with the trace. Nothing is told unless asked for: of servers that strangers name only those that are told about
    /// their own task hear it, and no host that they redirect to.
    package var trace: TraceContext?
    /// A longer answer is an error, as soon as it is known to be longer.
    package var maxResponseBytes: Int
    /// Called on the client's thread whenever more of the body has been sent: bytes so far and in all. It must be quick.
    package var onUploadProgress: (@Sendable (_ sent: Int, _ total: Int) -> Void)?

    /// - Parameters:
    ///   - method: What to do.
    ///   - url: Absolute, `http` or `https`.
    ///   - headers: What the client does not set itself (`Host`, `Content-Length`, a form's `Content-Type`).
    ///   - body: What to send.
    ///   - timeouts: How long each part may take.
    ///   - redirects: None are followed unless asked for.
    ///   - retry: None unless asked for.
    ///   - maxResponseBytes: 16 MiB unless told otherwise.
    package init(
        _ method: HTTPMethod,
        _ url: String,
        headers: HTTPHeaders = [:],
        body: HTTPRequestBody = .none,
        timeouts: HTTPTimeouts = HTTPTimeouts(),
        redirects: HTTPRedirects = .none,
        retry: HTTPRetry = .never,
        maxResponseBytes: Int = 16 << 20,
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeouts = timeouts
        self.redirects = redirects
        self.retry = retry
        self.maxResponseBytes = maxResponseBytes
    }

    /// A request that sends JSON and says so.
    package static func json(
        _ method: HTTPMethod,
        _ url: String,
        _ json: JSON,
        headers: HTTPHeaders = [:],
    )
        -> HTTPRequest
    {
        var request = HTTPRequest(method, url, headers: headers, body: .bytes(json.bytes))
        request.headers["Content-Type"] = "application/json"
        return request
    }
}

/// What is sent; a file is read while it is sent.
package enum HTTPRequestBody: Sendable {
    case none
    case bytes([UInt8])
    /// The regular file at this path, read while it is sent. It must not change meanwhile.
    case file(String)
    /// These bytes of the regular file at this path, read while they are sent; all of them must be there.
    case fileRange(String, Range<Int>)
    /// `multipart/form-data` (RFC 7578).
    case multipart([HTTPFormPart])
}

/// A field of a form.
package struct HTTPFormPart: Sendable {
    /// Where the bytes of a part come from.
    package enum Content: Sendable {
        case bytes([UInt8])
        /// Read from this path while it is sent.
        case file(String)
    }

    package var name: String
    package var content: Content
    /// Makes the field a file.
    package var filename: String?
    package var contentType: String?

    package init(_ name: String, _ content: Content, filename: String? = nil, contentType: String? = nil) {
        self.name = name
        self.content = content
        self.filename = filename
        self.contentType = contentType
    }

    /// A field of text.
    package static func text(_ name: String, _ value: String) -> HTTPFormPart {
        HTTPFormPart(name, .bytes(Array(value.utf8)))
    }
}

/// How long a request may wait; `nil` waits without end.
package struct HTTPTimeouts: Sendable, Hashable {
    /// For name, connection and TLS together.
    package var connect: Duration
    /// Without a single byte in either direction. Pauses that the reader of a streamed body makes do not count.
    package var idle: Duration?
    /// From beginning to end, retries apart. `nil` for transfers of any length.
    package var total: Duration?

    package init(connect: Duration = .seconds(10), idle: Duration? = .seconds(30), total: Duration? = .seconds(60)) {
        self.connect = connect
        self.idle = idle
        self.total = total
    }
}

/// What happens with an answer of 301, 302, 303, 307 or 308.
package enum HTTPRedirects: Sendable, Hashable {
    /// It is the answer.
    case none
    /// GET and HEAD follow it up to this often; for other methods it is the answer. `https` never becomes `http`.
    /// `Authorization` and `Cookie` go to the first host only, other headers to every one.
    case follow(Int)
}
