/// The head of a request as the wire had it: request line and fields, judged by RFC 9112.
struct RequestHead: Sendable {
    /// How the body is framed (RFC 9112, 6.3).
    enum Framing: Equatable, Sendable {
        case none
        case length(Int)
        case chunked
    }

    let message: Request.Head
    let framing: Framing
    /// Whether the client speaks HTTP/1.1, and so understands chunks.
    let isVersion11: Bool
    /// Whether the client wants to send another request on this connection.
    let keepsAlive: Bool
    /// Whether the client waits for `100 Continue` before it sends the body.
    let expectsContinue: Bool
}

/// What stands at the beginning of the bytes received so far.
enum HeadParse: Sendable {
    /// The end of the head has not come yet.
    case incomplete
    /// A head, and how many bytes it took.
    case complete(RequestHead, byteCount: Int)
    /// It must be answered with an error and the connection closed: where the next request begins is unknown.
    case refused(HTTPError)
}

/// What a head may be at most.
struct HeadLimits: Sendable {
    var bytes = 32_768
    var fields = 100
}
