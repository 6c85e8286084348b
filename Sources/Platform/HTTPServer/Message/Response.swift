import Kernel

/// An answer. `Content-Length`, `Date` and `Connection` are the transport's to write.
package struct Response: Sendable {
    /// The HTTP status, 200...599.
    package var status: Int
    package var headers: Headers
    package var body: ResponseBody

    package init(status: Int = 200, headers: Headers = [:], body: ResponseBody = .empty) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// An answer of `application/json`.
    package static func json(_ json: JSON, status: Int = 200) -> Response {
        Response(status: status, headers: jsonHeaders, body: .bytes(json.bytes))
    }

    /// A page, UTF-8. `html` is markup already: escape what strangers wrote.
    package static func html(_ html: String, status: Int = 200) -> Response {
        .bytes(Array(html.utf8), contentType: "text/html; charset=utf-8", status: status)
    }

    /// Plain text, UTF-8.
    package static func text(_ text: String, status: Int = 200) -> Response {
        .bytes(Array(text.utf8), contentType: "text/plain; charset=utf-8", status: status)
    }

    /// Bytes of any type.
    package static func bytes(_ bytes: [UInt8], contentType: String, status: Int = 200) -> Response {
        Response(status: status, headers: ["Content-Type": contentType], body: .bytes(bytes))
    }

    /// An answer without a body.
    package static func noContent(status: Int = 204) -> Response { Response(status: status) }

    /// Sends the client elsewhere: 303 to look at the result of a POST, 307 to repeat the request there.
    package static func redirect(to location: String, status: Int = 303) -> Response {
        Response(status: status, headers: ["Location": location])
    }

    /// Bytes that are made while they are sent. `write` suspends while the client is slow.
    package static func stream(
        contentType: String,
        status: Int = 200,
        _ body: @escaping @Sendable (ResponseWriter) async throws -> Void,
    ) -> Response {
        Response(status: status, headers: ["Content-Type": contentType], body: .stream(body))
    }
}

/// Shared by every JSON answer: a copy costs nothing until somebody adds a field.
private let jsonHeaders: Headers = ["Content-Type": "application/json"]
