import Kernel

/// What one route accepts.
package struct Limits: Sendable {
    /// More bytes of body are refused with 413: at once by `Content-Length`, else when they arrive.
    package var maxBodyBytes: Int
    /// More bytes of headers are refused with 431. The server refuses 32 KiB before it knows the route.
    package var maxHeaderBytes: Int
    /// How long the handler may take to its response, counted from the request's arrival; reading the body included,
    /// sending a streamed or long answer not. Then its task is cancelled and 503 answered.
    package var timeout: Duration

    package init(
        maxBodyBytes: Int = 1_048_576,
        maxHeaderBytes: Int = 32_768,
        timeout: Duration = .seconds(90),
    ) {
        self.maxBodyBytes = maxBodyBytes
        self.maxHeaderBytes = maxHeaderBytes
        self.timeout = timeout
    }

    /// 1 MiB of body, 90 s: more than the longest long poll.
    package static let `default` = Limits()

    /// For a form that carries files of at most `maxBytes` together; 1 MiB on top is for its fields and boundaries. The
    /// timeout is long enough for the slowest sender that shall still be served.
    package static func upload(maxBytes: Int, timeout: Duration = .seconds(600)) -> Limits {
        Limits(maxBodyBytes: maxBytes + 1_048_576, timeout: timeout)
    }

    func check(_ request: Request) throws(HTTPError) {
        guard request.headers.bytes.count <= maxHeaderBytes else {
            throw .headersTooLarge(limitBytes: maxHeaderBytes)
        }
        try request.body.requireLength(atMost: maxBodyBytes)
    }
}
