import Kernel

/// Why there is no answer. `reason` is for the log, never for a client of ours.
package enum HTTPClientError: Failure, Equatable {
    /// The URL, a header or the number of redirects asked for is not usable.
    case badRequest(reason: String)
    /// Too many requests are under way in this client.
    case busy
    /// The task was cancelled or the client has ended.
    case cancelled
    /// The URL leads to an address that is not public.
    case forbiddenAddress
    /// TLS failed: an unknown or outdated certificate, another host's, or no common version.
    case insecure(reason: String)
    /// The connection broke before the answer was whole, or the answer is not HTTP.
    case interrupted(reason: String)
    case timedOut
    /// The answer is longer than this many bytes.
    case tooLarge(limit: Int)
    case tooManyRedirects
    /// The file to send is missing, no regular file, or has become shorter.
    case unreadableBody
    /// The name is unknown, or nobody accepts the connection.
    case unreachable(reason: String)

    package var status: Int {
        switch self {
        case .forbiddenAddress: 422
        case .badRequest, .unreadableBody: 500
        case .insecure, .interrupted, .tooLarge, .tooManyRedirects, .unreachable: 502
        case .busy, .cancelled: 503
        case .timedOut: 504
        }
    }

    package var code: String {
        switch self {
        case .badRequest: "bad_outgoing_request"
        case .busy: "outgoing_busy"
        case .cancelled: "outgoing_cancelled"
        case .forbiddenAddress: "forbidden_address"
        case .insecure: "upstream_insecure"
        case .interrupted: "upstream_interrupted"
        case .timedOut: "upstream_timeout"
        case .tooLarge: "upstream_too_large"
        case .tooManyRedirects: "upstream_redirects"
        case .unreadableBody: "unreadable_body"
        case .unreachable: "upstream_unreachable"
        }
    }

    package var message: String {
        switch self {
        case .badRequest: "The server could not ask another one because of its own mistake."
        case .busy: "Too many requests to other servers are under way. Try again in a moment."
        case .cancelled: "The request to another server was cancelled."
        case .forbiddenAddress: "This URL leads to an address that is not public. Use one that is."
        case .insecure: "The other server's certificate cannot be trusted."
        case .interrupted: "The other server broke off its answer. Try again in a moment."
        case .timedOut: "The other server did not answer in time. Try again in a moment."
        case .tooLarge(let limit): "The other server's answer is longer than \(limit) bytes."
        case .tooManyRedirects: "The other server redirects too often."
        case .unreadableBody: "The file to send cannot be read."
        case .unreachable: "The other server cannot be reached. Check the address or try again in a moment."
        }
    }

    package var retryAfter: Duration? {
        switch self {
        case .busy, .cancelled: .seconds(1)
        case .interrupted, .timedOut, .unreachable: .seconds(5)
        case .badRequest, .forbiddenAddress, .insecure, .tooLarge, .tooManyRedirects, .unreadableBody: nil
        }
    }

    package var isPermanent: Bool {
        switch self {
        case .busy, .cancelled, .interrupted, .timedOut, .unreachable, .insecure: false
        case .badRequest, .forbiddenAddress, .tooLarge, .tooManyRedirects, .unreadableBody: true
        }
    }

    /// Whether the same request may succeed in a moment.
    package var isWorthARetry: Bool {
        switch self {
        case .interrupted, .timedOut, .unreachable: true
        default: false
        }
    }
}
