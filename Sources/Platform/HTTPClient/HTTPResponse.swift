/// A whole answer. Any status is an answer, not an error.
package struct HTTPResponse: Sendable {
    package let status: Int
    package let headers: HTTPHeaders
    package let body: [UInt8]
    /// Where the answer came from, after redirects.
    package let url: String

    package init(status: Int, headers: HTTPHeaders, body: [UInt8], url: String) {
        self.status = status
        self.headers = headers
        self.body = body
        self.url = url
    }

    /// Whether the status is 2xx.
    package var isSuccess: Bool { (200..<300).contains(status) }
    /// The body as text; what is not UTF-8 is replaced.
    package var text: String { String(decoding: body, as: UTF8.self) }
}

/// An answer whose body is still coming.
package struct HTTPStreamedResponse: Sendable {
    package let status: Int
    package let headers: HTTPHeaders
    /// Where the answer came from, after redirects.
    package let url: String
    /// Read it once, in pieces. The sender waits while nobody reads; letting it go ends the transfer.
    package let body: HTTPResponseBody
}
