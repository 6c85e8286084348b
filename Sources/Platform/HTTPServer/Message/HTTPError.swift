import Kernel

/// What is wrong with a request before any service has looked at it.
package enum HTTPError: Failure, Equatable {
    case badRequest(String)
    /// The body ended before it was complete, or the peer went away.
    case bodyIncomplete
    /// Nothing arrived for too long while the body was being read.
    case bodyTimeout
    case contentTooLarge(limitBytes: Int)
    /// `Host` or `Origin` is none of ours: DNS rebinding or a foreign page.
    case forbiddenOrigin(String)
    case handlerTimeout
    case headersTooLarge(limitBytes: Int)
    /// The disk that takes uploads while they arrive is full.
    case insufficientStorage
    /// A path or query parameter, header or form field that cannot be read.
    case invalidParameter(name: String, reason: String)
    /// The body's length is neither declared nor marked by chunks.
    case lengthRequired
    case methodNotAllowed(allowed: [Method])
    case notFound
    /// The server ends.
    case stopping
    case tooManyConnections
    case unsupportedMediaType(expected: String)
    /// A transfer coding other than `chunked`.
    case unsupportedTransferCoding
    case unsupportedVersion

    package var status: Int {
        switch self {
        case .badRequest, .bodyIncomplete: 400
        case .forbiddenOrigin: 403
        case .notFound: 404
        case .methodNotAllowed: 405
        case .bodyTimeout: 408
        case .lengthRequired: 411
        case .contentTooLarge: 413
        case .unsupportedMediaType: 415
        case .invalidParameter: 422
        case .headersTooLarge: 431
        case .unsupportedTransferCoding: 501
        case .handlerTimeout, .stopping, .tooManyConnections: 503
        case .unsupportedVersion: 505
        case .insufficientStorage: 507
        }
    }

    package var code: String {
        switch self {
        case .badRequest: "bad_request"
        case .bodyIncomplete: "body_incomplete"
        case .bodyTimeout: "body_timeout"
        case .contentTooLarge: "content_too_large"
        case .forbiddenOrigin: "forbidden_origin"
        case .handlerTimeout: "timeout"
        case .headersTooLarge: "headers_too_large"
        case .insufficientStorage: "insufficient_storage"
        case .invalidParameter: "invalid_parameter"
        case .lengthRequired: "length_required"
        case .methodNotAllowed: "method_not_allowed"
        case .notFound: "not_found"
        case .stopping: "stopping"
        case .tooManyConnections: "too_many_connections"
        case .unsupportedMediaType: "unsupported_media_type"
        case .unsupportedTransferCoding: "unsupported_transfer_coding"
        case .unsupportedVersion: "unsupported_http_version"
        }
    }

    package var message: String {
        switch self {
        case .badRequest(let reason): reason
        case .bodyIncomplete: "The body ended before it was complete. Send it again."
        case .bodyTimeout: "Nothing of the body arrived for too long. Send it again."
        case .contentTooLarge(let limit): "The body is too large. Send at most \(limit) bytes."
        case .forbiddenOrigin(let reason): reason
        case .handlerTimeout: "The server did not finish in time. Try again in a moment."
        case .headersTooLarge(let limit): "The headers are too large. Send at most \(limit) bytes of them."
        case .insufficientStorage: "The server has no room for this upload. Try again later."
        case .invalidParameter(let name, let reason): "\(name): \(reason)"
        case .lengthRequired: "Say how long the body is: send Content-Length or chunks."
        case .methodNotAllowed(let allowed):
            "This address answers \(allowed.map(\.rawValue).joined(separator: ", "))."
        case .notFound: "There is nothing at this address."
        case .stopping: "The server is restarting. Try again in a moment."
        case .tooManyConnections: "The server has too many connections. Try again in a moment."
        case .unsupportedMediaType(let expected): "Send the body as \(expected)."
        case .unsupportedTransferCoding: "Send the body with Content-Length, or with the transfer coding chunked."
        case .unsupportedVersion: "Speak HTTP/1.1."
        }
    }

    package var retryAfter: Duration? {
        switch self {
        case .handlerTimeout, .stopping, .tooManyConnections: .seconds(1)
        default: nil
        }
    }
}
