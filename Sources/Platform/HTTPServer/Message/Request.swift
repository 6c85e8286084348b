import Kernel

/// A request as a handler sees it. It knows nothing of sockets.
///
/// A copy is cheap: what the parser found lies in one shared, immutable object.
package struct Request: Sendable {
    /// What does not change from the wire to the handler.
    final class Head: Sendable {
        let method: Method
        /// The bytes of the whole head; `target` and the fields are ranges of it.
        let headers: Headers
        let targetRange: Range<Int>
        let target: RequestTarget

        init(method: Method, headers: Headers, targetRange: Range<Int>, target: RequestTarget) {
            self.method = method
            self.headers = headers
            self.targetRange = targetRange
            self.target = target
        }
    }

    private let head: Head
    package var body: RequestBody
    /// Who sent it: the other end of the connection, or the client that a trusted proxy names.
    package var peer: PeerAddress
    /// The id that logs and answers carry; empty until ``RequestIDMiddleware`` has set it.
    package var id = ""
    /// Whether the client speaks TLS, as a trusted proxy says.
    package var isSecure = false
    /// Whether a trusted proxy was believed.
    package var isForwarded = false
    var forwardedHost: String?
    var route: Route?
    var parameterValues: [String] = []
    /// The methods that the path knows, where the request's is none of them.
    var allowedMethods: [Method] = []
    var control: (any RequestControl)?
    private var attributes: [ObjectIdentifier: any Sendable]?

    init(head: Head, body: RequestBody, peer: PeerAddress, control: (any RequestControl)?) {
        self.head = head
        self.body = body
        self.peer = peer
        self.control = control
    }

    /// A request that comes from no socket, for tests and for calls within the process. `target` is path and query as
    /// on the wire, percent-encoded.
    package init(
        _ method: Method,
        _ target: String,
        headers: Headers = [:],
        body: [UInt8] = [],
        peer: PeerAddress = .loopback,
    ) {
        self.init(method, target, headers: headers, body: RequestBody(body), peer: peer)
    }

    /// A request that comes from no socket, with a body of any kind.
    package init(
        _ method: Method,
        _ target: String,
        headers: Headers = [:],
        body: RequestBody,
        peer: PeerAddress = .loopback,
    ) {
        var all = Headers(bytes: Array(target.utf8), fields: [])
        for (name, value) in headers { all.append(name, value) }
        let head = Head(
            method: method,
            headers: all,
            targetRange: 0..<target.utf8.count,
            target: Array(target.utf8).withUnsafeBufferPointer { RequestTarget($0) },
        )
        self.init(head: head, body: body, peer: peer, control: nil)
    }

    package var method: Method { head.method }
    package var headers: Headers { head.headers }

    /// The decoded path. Dot segments and encoded slashes never get this far; empty when the target was refused.
    package var path: String { head.target.path }

    /// The request target as sent.
    package var target: String { String(decoding: head.headers.bytes[head.targetRange], as: UTF8.self) }

    /// The pairs after `?`.
    package var query: Query {
        let start = head.targetRange.lowerBound
        let range = head.target.query
        return Query(
            String(decoding: head.headers.bytes[start + range.lowerBound..<start + range.upperBound], as: UTF8.self)
        )
    }

    /// Host and port as the client sees them: from the target, a trusted proxy or `Host`.
    package var host: String? { forwardedHost ?? head.target.authority ?? headers["Host"] }

    /// The pattern of the route that answers, such as `/images/{image_id}`; `nil` when none does.
    package var routePattern: String? { route?.label }

    /// Why the target is refused, if it is.
    var targetProblem: HTTPError? { head.target.problem }

    /// Whether the sender sits on this machine. A proxy that is not trusted but forwards for others does not count.
    package var isLoopback: Bool {
        peer.isLoopback && (isForwarded || !headers.contains("X-Forwarded-For") && !headers.contains("Forwarded"))
    }

    /// What a middleware found out and later ones need, such as the principal.
    package subscript<Key: RequestKey>(key: Key.Type) -> Key.Value? {
        get { attributes?[ObjectIdentifier(key)] as? Key.Value }
        set {
            if attributes == nil { attributes = [:] }
            attributes?[ObjectIdentifier(key)] = newValue
        }
    }

    /// Gives the handler less or more time than its route says. The time counts from the request's arrival.
    package func limitTime(to duration: Duration) { control?.limitTime(to: duration) }
}

/// Names a slot of a request; one type per slot.
///
/// ```swift
/// enum PrincipalKey: RequestKey { typealias Value = Principal }
/// request[PrincipalKey.self] = principal
/// ```
package protocol RequestKey {
    associatedtype Value: Sendable
}

/// What a request may ask of the transport that brought it.
protocol RequestControl: Sendable {
    /// Cancels the handler when it has no answer after `duration`, counted from the request's arrival.
    func limitTime(to duration: Duration)
    /// Why the handler was cancelled, if the transport did it.
    var ending: RequestEnding? { get }
}

/// Why the transport cancelled a handler.
enum RequestEnding: UInt8, Sendable {
    /// The client left.
    case left = 1
    /// The route's time was up.
    case outOfTime
    /// The server ends, and the time for running requests is over.
    case stopping
}
